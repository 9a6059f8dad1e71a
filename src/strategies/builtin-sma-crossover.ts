import { makeSma } from '../indicators/moving-averages.ts'
import { defineBuiltin, lengthParam, mustBeLess } from './builtin-definition.ts'

/** Rows whose averages are computed at once: both blocks stay in the first cache. */
const BLOCK = 512

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
  start({ params: { fast, slow }, series, first, sink }) {
    const input = { ...series, source: series.close }
    const fastSma = makeSma(input, { period: fast })
    const slowSma = makeSma(input, { period: slow })
    const fastMeans = new Float64Array(BLOCK)
    const slowMeans = new Float64Array(BLOCK)
    let side = 0
    return (from, to) => {
      for (let base = from; base < to; base += BLOCK) {
        const end = Math.min(base + BLOCK, to)
        fastSma.advance({ from: base, to: end, base }, [fastMeans])
        slowSma.advance({ from: base, to: end, base }, [slowMeans])
        for (let i = base; i < end; i++) {
          const f = fastMeans[i - base]!
          const s = slowMeans[i - base]!
          if (f > s) {
            if (side <= 0 && i >= first) sink.buy(i)
            side = 1
          } else if (f < s) {
            if (side >= 0 && i >= first) sink.sell(i)
            side = -1
          } else {
            side = 0
          }
        }
      }
    }
  },
})
