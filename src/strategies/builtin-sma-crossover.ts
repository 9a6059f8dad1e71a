import { RunningMean } from '../indicators/averages.ts'
import { defineBuiltin, lengthParam, mustBeLess } from './builtin-definition.ts'

/**
 * F = SMA(fast) and S = SMA(slow) of the close, as the indicator `sma`. BUY at i when F(i-1) <= S(i-1) and F(i) > S(i); SELL
 * when F(i-1) >= S(i-1) and F(i) < S(i). Lookback: slow.
 */
export const SMA_CROSSOVER = defineBuiltin<{ fast: number; slow: number }>({
  params: [
    ['fast', lengthParam(10, 'bars of the fast average')],
    ['slow', lengthParam(30, 'bars of the slow average')],
  ],
  lookback: ({ slow }) => slow,
  check: (params) => mustBeLess({ low: 'fast', high: 'slow' }, params),
  start({ params: { fast, slow }, series: { close }, first, sink }) {
    const fastMean = new RunningMean(fast)
    const slowMean = new RunningMean(slow)
    let side = 0
    return (from, to) => {
      for (let i = from; i < to; i++) {
        const price = close[i]!
        const f = fastMean.next(price, i < fast ? 0 : close[i - fast]!)
        const s = slowMean.next(price, i < slow ? 0 : close[i - slow]!)
        const now = f > s ? 1 : f < s ? -1 : 0
        if (i >= first) {
          if (side <= 0 && now > 0) sink.buy(i)
          else if (side >= 0 && now < 0) sink.sell(i)
        }
        side = now
      }
    }
  },
})
