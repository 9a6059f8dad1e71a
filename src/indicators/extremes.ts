import { RememberingMean } from './averages.ts'
import type { IndicatorInput, IndicatorKernel } from './kernel.ts'

/**
 * Highest of the last `period` values, exact, amortised O(1): a monotonic queue in a ring made once. Its values fall from
 * head to tail, so the head is the highest; what a later and not lower value follows can never be it again and is dropped.
 */
class SlidingHighest {
  readonly #values: Float64Array
  readonly #rows: Float64Array
  readonly #period: number
  #head = 0
  #count = 0
  #taken = 0

  constructor(period: number) {
    this.#period = period
    this.#values = new Float64Array(period)
    this.#rows = new Float64Array(period)
  }

  /** NaN before `period` values. */
  next(value: number): number {
    const row = this.#taken++
    const period = this.#period
    if (this.#count > 0 && this.#rows[this.#head]! <= row - period) {
      this.#head = this.#head + 1 === period ? 0 : this.#head + 1
      this.#count--
    }
    let tail = this.#head + this.#count
    if (tail >= period) tail -= period
    while (this.#count > 0) {
      const last = tail === 0 ? period - 1 : tail - 1
      if (this.#values[last]! > value) break
      tail = last
      this.#count--
    }
    this.#values[tail] = value
    this.#rows[tail] = row
    this.#count++
    return row < period - 1 ? Number.NaN : this.#values[this.#head]!
  }
}

/** Highest value of the source over the last `period` rows, this one included. Rows before `period` - 1 are NaN. */
export function makeHighest(input: IndicatorInput, options: { period: number }): IndicatorKernel {
  const { source } = input
  const highest = new SlidingHighest(options.period)
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      for (let i = from; i < to; i++) out[i - base] = highest.next(source[i]!)
    },
  }
}

/** Lowest value of the source over the last `period` rows, this one included. Rows before `period` - 1 are NaN. */
export function makeLowest(input: IndicatorInput, options: { period: number }): IndicatorKernel {
  const { source } = input
  const lowest = new SlidingHighest(options.period)
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      for (let i = from; i < to; i++) out[i - base] = -lowest.next(-source[i]!)
    },
  }
}

/**
 * Donchian channel: upper = highest high and lower = lowest low of the last `period` rows, this one included; middle =
 * (upper + lower) / 2. Rows before `period` - 1 are NaN. Amortised O(1) per row.
 */
export function makeDonchian(input: IndicatorInput, options: { period: number }): IndicatorKernel {
  const { high, low } = input
  const highest = new SlidingHighest(options.period)
  const lowest = new SlidingHighest(options.period)
  return {
    advance({ from, to, base }, outputs) {
      const [upper, middle, lower] = outputs as [Float64Array, Float64Array, Float64Array]
      for (let i = from; i < to; i++) {
        const top = highest.next(high[i]!)
        const bottom = -lowest.next(-low[i]!)
        upper[i - base] = top
        middle[i - base] = (top + bottom) / 2
        lower[i - base] = bottom
      }
    },
  }
}

/**
 * Stochastic: raw = 100·(close - L) / (H - L) with H and L the highest high and lowest low of the last `period` rows, 50
 * where H = L; k = mean of the last `smooth` raw values (1: raw itself); d = mean of the last `signal` values of k (means as
 * `RunningMean`). k is NaN before row period + smooth - 2, d before row period + smooth + signal - 3. Amortised O(1).
 */
export function makeStochastic(
  input: IndicatorInput,
  options: { period: number; smooth: number; signal: number },
): IndicatorKernel {
  const { high, low, close } = input
  const { period, smooth } = options
  const highest = new SlidingHighest(period)
  const lowest = new SlidingHighest(period)
  const fast = new RememberingMean(smooth)
  const slow = new RememberingMean(options.signal)
  return {
    advance({ from, to, base }, outputs) {
      const [ks, ds] = outputs as [Float64Array, Float64Array]
      for (let i = from; i < to; i++) {
        const top = highest.next(high[i]!)
        const bottom = -lowest.next(-low[i]!)
        const raw = top === bottom ? 50 : (100 * (close[i]! - bottom)) / (top - bottom)
        const k = i < period - 1 ? Number.NaN : fast.next(raw)
        ks[i - base] = k
        ds[i - base] = i < period + smooth - 2 ? Number.NaN : slow.next(k)
      }
    },
  }
}
