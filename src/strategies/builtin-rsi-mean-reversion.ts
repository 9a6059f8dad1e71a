import { makeRsi } from '../indicators/wilder.ts'
import { defineBuiltin, lengthParam, mustBeLess } from './builtin-definition.ts'

/**
 * R = RSI(period) of the close, as the indicator `rsi`. BUY at i when R(i-1) <= oversold and R(i) > oversold; SELL when
 * R(i-1) >= overbought and R(i) < overbought. Lookback: period + 1.
 */
export const RSI_MEAN_REVERSION = defineBuiltin<{ period: number; oversold: number; overbought: number }>({
  params: [
    ['period', lengthParam(14, 'bars of the RSI')],
    ['oversold', { type: 'number', default: 30, minimum: 0, maximum: 100, description: 'crossed upwards: buy' }],
    ['overbought', { type: 'number', default: 70, minimum: 0, maximum: 100, description: 'crossed downwards: sell' }],
  ],
  lookback: ({ period }) => period + 1,
  check: (params) => mustBeLess({ low: 'oversold', high: 'overbought' }, params),
  start({ params: { period, oversold, overbought }, series, first, sink, partRows }) {
    const rsi = makeRsi({ ...series, source: series.close }, { period })
    const part = new Float64Array(partRows)
    const outputs = [part]
    let before = Number.NaN
    return (from, to) => {
      rsi.advance({ from, to, base: from }, outputs)
      for (let i = from; i < to; i++) {
        const now = part[i - from]!
        if (i >= first) {
          if (before <= oversold && now > oversold) sink.buy(i)
          else if (before >= overbought && now < overbought) sink.sell(i)
        }
        before = now
      }
    }
  },
})
