import { ExponentialMean, WeightedMean } from './averages.ts'
import type { IndicatorInput, IndicatorKernel } from './kernel.ts'

/**
 * SMA: mean of the last `period` values of the source, sums as those of `RunningMean` (its loop is written out, because the
 * call is dearer than the sum). Rows before `period` - 1 are NaN. O(1) per row.
 */
export function makeSma(input: IndicatorInput, options: { period: number }): IndicatorKernel {
  const { source } = input
  const { period } = options
  let [sum, fresh, filled] = [0, 0, 0]
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      let [s, f, n] = [sum, fresh, filled]
      for (let i = from; i < to; i++) {
        const x = source[i]!
        f += x
        if (++n === period) {
          s = f
          f = 0
          n = 0
        } else if (i >= period) {
          s += x - source[i - period]!
        }
        out[i - base] = i < period - 1 ? Number.NaN : s / period
      }
      sum = s
      fresh = f
      filled = n
    },
  }
}

/** WMA: `WeightedMean` of the source. Rows before `period` - 1 are NaN. O(1) per row. */
export function makeWma(input: IndicatorInput, options: { period: number }): IndicatorKernel {
  const { source } = input
  const { period } = options
  const mean = new WeightedMean(period)
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      for (let i = from; i < to; i++) out[i - base] = mean.next(source[i]!, i < period ? 0 : source[i - period]!)
    },
  }
}

/** EMA: `ExponentialMean` of the source from the first loaded row. Rows before `period` - 1 are NaN. O(1) per row. */
export function makeEma(input: IndicatorInput, options: { period: number }): IndicatorKernel {
  const { source } = input
  const mean = new ExponentialMean(options.period)
  return {
    advance(rows, outputs) {
      mean.fill(rows, source, outputs[0]!)
    },
  }
}

/**
 * MACD: macd = EMA(fast) - EMA(slow) of the source, each with its own seed; signal = EMA(signal) of macd, seeded with the
 * mean of its first `signal` values; histogram = macd - signal. macd is NaN before row slow - 1, the others before row
 * slow + signal - 2. O(1) per row.
 */
export function makeMacd(
  input: IndicatorInput,
  options: { fast: number; slow: number; signal: number },
): IndicatorKernel {
  const { source } = input
  const fast = new ExponentialMean(options.fast)
  const slow = new ExponentialMean(options.slow)
  const smoothed = new ExponentialMean(options.signal)
  return {
    advance({ from, to, base }, outputs) {
      const [macds, signals, histograms] = outputs as [Float64Array, Float64Array, Float64Array]
      for (let i = from; i < to; i++) {
        const price = source[i]!
        const macd = fast.next(price) - slow.next(price)
        const signal = i < options.slow - 1 ? Number.NaN : smoothed.next(macd)
        macds[i - base] = macd
        signals[i - base] = signal
        histograms[i - base] = macd - signal
      }
    },
  }
}
