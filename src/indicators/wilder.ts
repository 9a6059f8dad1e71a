/** Indicators of J. W. Wilder, New Concepts in Technical Trading Systems, 1978. All are O(1) per row. */
import { WilderMean } from './averages.ts'
import type { IndicatorInput, IndicatorKernel } from './kernel.ts'

/**
 * RSI: gains and losses are the rises and falls x(i) - x(i-1) of the source from row 1 on, G and L their `WilderMean`s;
 * RSI = 100·G / (G + L), 50 where both are 0. Rows before `period` are NaN.
 */
export function makeRsi(input: IndicatorInput, options: { period: number }): IndicatorKernel {
  const { source } = input
  const gains = new WilderMean(options.period)
  const losses = new WilderMean(options.period)
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      if (from === 0 && to > 0) out[0 - base] = Number.NaN
      for (let i = from === 0 ? 1 : from; i < to; i++) {
        const change = source[i]! - source[i - 1]!
        const gain = gains.next(change > 0 ? change : 0)
        const loss = losses.next(change < 0 ? -change : 0)
        out[i - base] = gain + loss === 0 ? 50 : (100 * gain) / (gain + loss)
      }
    },
  }
}

/** max(high - low, |high - close before|, |low - close before|); at the first row, which has none before, high - low. */
function trueRange(input: IndicatorInput, row: number): number {
  const high = input.high[row]!
  const low = input.low[row]!
  if (row === 0) return high - low
  const before = input.close[row - 1]!
  const top = high > before ? high : before
  const bottom = low < before ? low : before
  return top - bottom
}

/** ATR: `WilderMean` of the true range from row 0 on. Rows before `period` - 1 are NaN. */
export function makeAtr(input: IndicatorInput, options: { period: number }): IndicatorKernel {
  const mean = new WilderMean(options.period)
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      for (let i = from; i < to; i++) out[i - base] = mean.next(trueRange(input, i))
    },
  }
}

/**
 * ADX: from row 1 on, up = high - high before, down = low before - low; +DM = up if up > down and up > 0, else 0; -DM =
 * down if down > up and down > 0, else 0. T, P, M are the `WilderMean`s of true range, +DM and -DM; plusDi = 100·P / T and
 * minusDi = 100·M / T (0 where T = 0), from row `period` on. DX = 100·|plusDi - minusDi| / (plusDi + minusDi) (0 where both
 * are 0); adx = `WilderMean` of DX, from row 2·period - 1 on.
 */
export function makeAdx(input: IndicatorInput, options: { period: number }): IndicatorKernel {
  const { high, low } = input
  const { period } = options
  const ranges = new WilderMean(period)
  const ups = new WilderMean(period)
  const downs = new WilderMean(period)
  const smoothed = new WilderMean(period)
  return {
    advance({ from, to, base }, outputs) {
      const [adx, plus, minus] = outputs as [Float64Array, Float64Array, Float64Array]
      if (from === 0 && to > 0) for (const out of outputs) out[0 - base] = Number.NaN
      for (let i = from === 0 ? 1 : from; i < to; i++) {
        const up = high[i]! - high[i - 1]!
        const down = low[i - 1]! - low[i]!
        const range = ranges.next(trueRange(input, i))
        const rise = ups.next(up > down && up > 0 ? up : 0)
        const fall = downs.next(down > up && down > 0 ? down : 0)
        const plusDi = range === 0 ? 0 : (100 * rise) / range
        const minusDi = range === 0 ? 0 : (100 * fall) / range
        const total = plusDi + minusDi
        const distance = plusDi > minusDi ? plusDi - minusDi : minusDi - plusDi
        plus[i - base] = plusDi
        minus[i - base] = minusDi
        adx[i - base] = i < period ? Number.NaN : smoothed.next(total === 0 ? 0 : (100 * distance) / total)
      }
    },
  }
}
