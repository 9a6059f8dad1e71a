import { defineBuiltin, lengthParam } from './builtin-definition.ts'

/**
 * m(i) = close(i) / close(i - lookback) - 1. BUY at i when m(i-1) <= threshold and m(i) > threshold; SELL when
 * m(i-1) >= -threshold and m(i) < -threshold. Bars before the first decision: lookback + 1.
 */
export const MOMENTUM = defineBuiltin<{ lookback: number; threshold: number }>({
  params: [
    ['lookback', lengthParam(20, 'bars over which the return is taken')],
    [
      'threshold',
      { type: 'number', default: 0, minimum: 0, maximum: 1000, description: 'return to cross, 0.05 = 5 %' },
    ],
  ],
  lookback: ({ lookback }) => lookback + 1,
  start({ params: { lookback, threshold }, series: { close }, first, sink }) {
    let before = Number.NaN
    return (from, to) => {
      for (let i = from < lookback ? lookback : from; i < to; i++) {
        const now = close[i]! / close[i - lookback]! - 1
        if (i >= first) {
          if (before <= threshold && now > threshold) sink.buy(i)
          else if (before >= -threshold && now < -threshold) sink.sell(i)
        }
        before = now
      }
    }
  },
})
