import type { IndicatorInput, IndicatorKernel } from './kernel.ts'

/** Rows that are measured at once: their sums do not wait for one another. */
const LANES = 4
/** Most rows of one call. */
const BLOCK = 64

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
  /** Of the rows of the last call, from index 0 on. */
  readonly means = new Float64Array(BLOCK)
  readonly deviations = new Float64Array(BLOCK)

  constructor(source: Float64Array, options: { period: number; ddof: number }) {
    this.#source = source
    this.#period = options.period
    this.#divisor = options.period - options.ddof
  }

  /** Measures the windows that end at `from` to before `to`, at most BLOCK of them; NaN before row period - 1. */
  measure(from: number, to: number): void {
    let row = from
    for (; row < to && row < this.#period - 1; row++) this.#put(row - from, Number.NaN, Number.NaN)
    for (; row + LANES <= to; row += LANES) this.#measureLanes(row, row - from)
    for (; row < to; row++) this.#measureOne(row, row - from)
  }

  #put(at: number, mean: number, variance: number): void {
    this.means[at] = mean
    this.deviations[at] = Math.sqrt(variance)
  }

  /** Of the window that ends at `row`, which is at least period - 1. */
  #measureOne(row: number, at: number): void {
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
    this.#put(at, mean, squares / this.#divisor)
  }

  /** The same, term by term, of the four windows that end at `row` and the three rows after it. */
  #measureLanes(row: number, at: number): void {
    const source = this.#source
    const period = this.#period
    const divisor = this.#divisor
    const first = row - period + 1
    const b0 = source[first]!
    const b1 = source[first + 1]!
    const b2 = source[first + 2]!
    const b3 = source[first + 3]!
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    // Each value is read once and moves on to the window before
    let x0 = b0
    let x1 = b1
    let x2 = b2
    for (let i = first + LANES - 1; i < row + LANES; i++) {
      const x3 = source[i]!
      s0 += x0 - b0
      s1 += x1 - b1
      s2 += x2 - b2
      s3 += x3 - b3
      x0 = x1
      x1 = x2
      x2 = x3
    }
    const m0 = b0 + s0 / period
    const m1 = b1 + s1 / period
    const m2 = b2 + s2 / period
    const m3 = b3 + s3 / period
    let q0 = 0
    let q1 = 0
    let q2 = 0
    let q3 = 0
    x0 = b0
    x1 = b1
    x2 = b2
    for (let i = first + LANES - 1; i < row + LANES; i++) {
      const x3 = source[i]!
      const d0 = x0 - m0
      const d1 = x1 - m1
      const d2 = x2 - m2
      const d3 = x3 - m3
      q0 += d0 * d0
      q1 += d1 * d1
      q2 += d2 * d2
      q3 += d3 * d3
      x0 = x1
      x1 = x2
      x2 = x3
    }
    this.#put(at, m0, q0 / divisor)
    this.#put(at + 1, m1, q1 / divisor)
    this.#put(at + 2, m2, q2 / divisor)
    this.#put(at + 3, m3, q3 / divisor)
  }
}

/** Standard deviation of the last `period` values of the source, `ddof` 0 or 1. Rows before `period` - 1 are NaN. */
export function makeStddev(input: IndicatorInput, options: { period: number; ddof: number }): IndicatorKernel {
  const moments = new WindowMoments(input.source, options)
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      for (let start = from; start < to; start += BLOCK) {
        const end = start + BLOCK < to ? start + BLOCK : to
        moments.measure(start, end)
        for (let i = start; i < end; i++) out[i - base] = moments.deviations[i - start]!
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
      for (let start = from; start < to; start += BLOCK) {
        const end = start + BLOCK < to ? start + BLOCK : to
        moments.measure(start, end)
        for (let i = start; i < end; i++) {
          const mean = moments.means[i - start]!
          const width = options.deviations * moments.deviations[i - start]!
          upper[i - base] = mean + width
          middle[i - base] = mean
          lower[i - base] = mean - width
        }
      }
    },
  }
}
