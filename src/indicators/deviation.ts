import type { IndicatorInput, IndicatorKernel } from './kernel.ts'

/** Rows that share the sums of what all their windows have. */
const GROUP = 4
/** Most rows of one call. */
const BLOCK = 64

/**
 * Mean and standard deviation of a window from s = Σ (x - c) and q = Σ (x - c)² about a value c of the window: mean =
 * c + s / n, deviation = sqrt((q - s·s / n) / (n - ddof)), so that equal values have exactly themselves as mean and 0 as
 * deviation. (mean - c)² <= n · variance, as c is in the window: however large values are beside their moves, the
 * difference keeps its digits. Sums that run on from row to row would lose them.
 *
 * c is the value of row 4k for rows 4k to 4k + 3. What all four windows have is summed once, from its oldest value on; to
 * that comes what only the earlier ones have, from its newest value back, and what only the later ones have. Windows below
 * four rows have no such c: each is a group of its own.
 */
class WindowMoments {
  readonly #source: Float64Array
  readonly #period: number
  readonly #divisor: number
  readonly #group: number
  /** Of the rows of the last call, from index 0 on. */
  readonly means = new Float64Array(BLOCK)
  readonly deviations = new Float64Array(BLOCK)

  constructor(source: Float64Array, options: { period: number; ddof: number }) {
    this.#source = source
    this.#period = options.period
    this.#divisor = options.period - options.ddof
    this.#group = options.period < GROUP ? 1 : GROUP
  }

  /** Measures the windows that end at `from` to before `to`, at most BLOCK of them; NaN before row period - 1. */
  measure(from: number, to: number): void {
    let row = from
    for (; row < to && row < this.#period - 1; row++) {
      this.means[row - from] = Number.NaN
      this.deviations[row - from] = Number.NaN
    }
    while (row < to) {
      const start = row - (row % this.#group)
      const end = start + this.#group < to ? start + this.#group : to
      this.#measureGroup(start, { row, end, at: row - from })
      row = end
    }
  }

  #put(at: number, centre: number, sum: number, squares: number): void {
    const period = this.#period
    const rest = squares - (sum * sum) / period
    this.means[at] = centre + sum / period
    // Rounding must not make a root of less than nothing
    this.deviations[at] = Math.sqrt((rest < 0 ? 0 : rest) / this.#divisor)
  }

  /** Rows `row` to before `end` of the group of rows that begins at `start`. */
  #measureGroup(start: number, { row, end, at }: { row: number; end: number; at: number }): void {
    const source = this.#source
    const centre = source[start]!
    const common = start - this.#period + this.#group
    let sum = 0
    let squares = 0
    for (let i = common; i <= start; i++) {
      const distance = source[i]! - centre
      sum += distance
      squares += distance * distance
    }
    for (let one = row; one < end; one++) {
      let before = 0
      let squaresBefore = 0
      for (let i = common - 1; i > one - this.#period; i--) {
        const distance = source[i]! - centre
        before += distance
        squaresBefore += distance * distance
      }
      let after = 0
      let squaresAfter = 0
      for (let i = start + 1; i <= one; i++) {
        const distance = source[i]! - centre
        after += distance
        squaresAfter += distance * distance
      }
      this.#put(at + one - row, centre, sum + before + after, squares + squaresBefore + squaresAfter)
    }
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
