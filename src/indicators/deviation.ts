import type { IndicatorInput, IndicatorKernel } from './kernel.ts'

/**
 * Mean and standard deviation of a window in two passes, each left to right. The mean is b + (Σ (x - b)) / n with b the
 * oldest value, so that equal values have exactly themselves as mean and 0 as deviation; deviation =
 * sqrt(Σ (x - mean)² / (n - ddof)). O(period) per row: a running sum of squares loses all digits where prices are large
 * and moves small.
 */
class WindowMoments {
  readonly #source: Float64Array
  readonly #period: number
  readonly #divisor: number
  mean = Number.NaN
  deviation = Number.NaN

  constructor(source: Float64Array, options: { period: number; ddof: number }) {
    this.#source = source
    this.#period = options.period
    this.#divisor = options.period - options.ddof
  }

  /** Of the window that ends at `row`, which is at least period - 1. */
  measure(row: number): void {
    const source = this.#source
    const first = row - this.#period + 1
    const oldest = source[first]!
    let sum = 0
    for (let i = first; i <= row; i++) sum += source[i]! - oldest
    const mean = oldest + sum / this.#period
    let squares = 0
    for (let i = first; i <= row; i++) {
      const distance = source[i]! - mean
      squares += distance * distance
    }
    this.mean = mean
    this.deviation = Math.sqrt(squares / this.#divisor)
  }
}

/** Standard deviation of the last `period` values of the source, `ddof` 0 or 1. Rows before `period` - 1 are NaN. */
export function makeStddev(input: IndicatorInput, options: { period: number; ddof: number }): IndicatorKernel {
  const moments = new WindowMoments(input.source, options)
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      for (let i = from; i < to; i++) {
        if (i >= options.period - 1) moments.measure(i)
        out[i - base] = moments.deviation
      }
    },
  }
}

/**
 * Bollinger bands: middle = mean of the last `period` values of the source (summed anew at each row), upper and lower =
 * middle ± deviations · standard deviation with ddof 0. Rows before `period` - 1 are NaN. (J. Bollinger, 2001)
 */
export function makeBollinger(input: IndicatorInput, options: { period: number; deviations: number }): IndicatorKernel {
  const moments = new WindowMoments(input.source, { period: options.period, ddof: 0 })
  return {
    advance({ from, to, base }, outputs) {
      const [upper, middle, lower] = outputs as [Float64Array, Float64Array, Float64Array]
      for (let i = from; i < to; i++) {
        if (i >= options.period - 1) moments.measure(i)
        const { mean } = moments
        const width = options.deviations * moments.deviation
        upper[i - base] = mean + width
        middle[i - base] = mean
        lower[i - base] = mean - width
      }
    },
  }
}
