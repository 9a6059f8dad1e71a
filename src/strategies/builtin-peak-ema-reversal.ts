import { ExponentialMean } from '../indicators/averages.ts'
import { defineBuiltin, lengthParam, mustBeLess } from './builtin-definition.ts'

/**
 * e = EMA(fast) and s = EMA(slow) of the close, as the indicator `ema`. BUY at i when e turned up from a trough,
 * e(i-2) > e(i-1) < e(i), that is the lowest of the `peak` values that end with it, e(i-1) <= e(j) for j = i-peak .. i-1, and
 * lies below the slow average, e(i-1) < s(i-1). SELL mirrored: e(i-2) < e(i-1) > e(i), highest, above. Lookback: the larger
 * of slow and fast + peak - 1.
 */
export const PEAK_EMA_REVERSAL = defineBuiltin<{ fast: number; slow: number; peak: number }>({
  params: [
    ['fast', lengthParam(9, 'bars of the fast average')],
    ['slow', lengthParam(21, 'bars of the slow average')],
    ['peak', lengthParam(5, 'bars of which the turning point is the extreme', 2)],
  ],
  lookback: ({ fast, slow, peak }) => (slow > fast + peak - 1 ? slow : fast + peak - 1),
  check: (params) => mustBeLess({ low: 'fast', high: 'slow' }, params),
  start({ params: { fast, slow, peak }, series: { close }, first, sink, partRows }) {
    const fastMean = new ExponentialMean(fast)
    const slowMean = new ExponentialMean(slow)
    // Fast average: the last `peak` values of the part before, then those of this one
    const line = new Float64Array(peak + partRows).fill(Number.NaN)
    let slowBefore = Number.NaN
    return (from, to) => {
      for (let i = from; i < to; i++) {
        const at = peak + i - from
        const now = fastMean.next(close[i]!)
        line[at] = now
        const turn = line[at - 1]!
        const before = line[at - 2]!
        if (i >= first) {
          if (before > turn && turn < now && turn < slowBefore && isExtreme(line, { at: at - 1, peak, sign: 1 })) {
            sink.buy(i)
          } else if (
            before < turn &&
            turn > now &&
            turn > slowBefore &&
            isExtreme(line, { at: at - 1, peak, sign: -1 })
          ) {
            sink.sell(i)
          }
        }
        slowBefore = slowMean.next(close[i]!)
      }
      line.copyWithin(0, to - from, to - from + peak)
    }
  },
})

/** Whether line[at] is the lowest (sign 1) or highest (-1) of the `peak` values that end with it. */
function isExtreme(line: Float64Array, options: { at: number; peak: number; sign: number }): boolean {
  const { at, peak, sign } = options
  const value = sign * line[at]!
  for (let i = at - peak + 1; i < at; i++) if (sign * line[i]! < value) return false
  return true
}
