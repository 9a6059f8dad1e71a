/**
 * Averages as states: `next(x)` takes the next value and answers the average, NaN before there is one. Each holds O(1) numbers
 * (or a ring made once) and does O(1) work per value.
 */

/**
 * Mean of the last `period` values. The sum is made anew, left to right, whenever the number of values taken is a multiple
 * of `period`: s = x(i-n+1) + … + x(i); at other values s(i) = s(i-1) + (x(i) - x(i-n)). So rounding errors live for at
 * most `period` values, and one huge value leaves nothing behind. Mean = s / n. First answer: at value `period`.
 */
export class RunningMean {
  readonly #period: number
  #sum = 0
  #fresh = 0
  #filled = 0
  #isWarm = false

  constructor(period: number) {
    this.#period = period
  }

  /** `leaving`: the value `period` values ago; not read before there is one. */
  next(entering: number, leaving: number): number {
    this.#fresh += entering
    this.#filled++
    if (this.#filled === this.#period) {
      this.#sum = this.#fresh
      this.#fresh = 0
      this.#filled = 0
      this.#isWarm = true
    } else if (this.#isWarm) {
      this.#sum += entering - leaving
    } else {
      return Number.NaN
    }
    return this.#sum / this.#period
  }
}

/** RunningMean of values that lie in no column: it remembers the last `period` itself. */
export class RememberingMean {
  readonly #mean: RunningMean
  readonly #ring: Float64Array
  #at = 0

  constructor(period: number) {
    this.#mean = new RunningMean(period)
    this.#ring = new Float64Array(period)
  }

  next(value: number): number {
    const leaving = this.#ring[this.#at]!
    this.#ring[this.#at] = value
    this.#at = this.#at + 1 === this.#ring.length ? 0 : this.#at + 1
    return this.#mean.next(value, leaving)
  }
}

/**
 * Mean of the last n = `period` values with the weights 1 (oldest) to n (newest), divided by n(n+1)/2. Numerator w and sum s
 * are made anew, left to right, whenever the number of values taken is a multiple of n; at other values
 * w(i) = (w(i-1) - s(i-1)) + n·x(i), then s(i) = s(i-1) + (x(i) - x(i-n)). First answer: at value n.
 */
export class WeightedMean {
  readonly #period: number
  readonly #weights: number
  #sum = 0
  #weighted = 0
  #freshSum = 0
  #freshWeighted = 0
  #filled = 0
  #isWarm = false

  constructor(period: number) {
    this.#period = period
    this.#weights = (period * (period + 1)) / 2
  }

  /** `leaving`: the value `period` values ago; not read before there is one. */
  next(entering: number, leaving: number): number {
    this.#filled++
    this.#freshSum += entering
    this.#freshWeighted += this.#filled * entering
    if (this.#filled === this.#period) {
      this.#sum = this.#freshSum
      this.#weighted = this.#freshWeighted
      this.#freshSum = 0
      this.#freshWeighted = 0
      this.#filled = 0
      this.#isWarm = true
    } else if (this.#isWarm) {
      this.#weighted = this.#weighted - this.#sum + this.#period * entering
      this.#sum += entering - leaving
    } else {
      return Number.NaN
    }
    return this.#weighted / this.#weights
  }
}

/**
 * Exponential average, a = 2 / (n + 1). Seed: the mean of the first n values (summed left to right) at value n; then
 * e(i) = e(i-1) + a·(x(i) - e(i-1)).
 */
export class ExponentialMean {
  readonly #period: number
  readonly #alpha: number
  #taken = 0
  #value = 0

  constructor(period: number) {
    this.#period = period
    this.#alpha = 2 / (period + 1)
  }

  next(value: number): number {
    if (this.#taken === this.#period) {
      this.#value += this.#alpha * (value - this.#value)
      return this.#value
    }
    this.#value += value
    this.#taken++
    if (this.#taken < this.#period) return Number.NaN
    this.#value /= this.#period
    return this.#value
  }

  /** The average at each row from `from` to before `to` of a column, which follow the last value taken, into out[row - base]. */
  fill(rows: { from: number; to: number; base: number }, source: Float64Array, out: Float64Array): void {
    const { to, base } = rows
    let row = rows.from
    for (; row < to && this.#taken < this.#period; row++) out[row - base] = this.next(source[row]!)
    const alpha = this.#alpha
    let value = this.#value
    for (; row < to; row++) {
      value += alpha * (source[row]! - value)
      out[row - base] = value
    }
    this.#value = value
  }
}

/**
 * Wilder's average. Seed: the mean of the first n values (summed left to right) at value n; then
 * w(i) = (w(i-1)·(n - 1) + x(i)) / n. (J. W. Wilder, New Concepts in Technical Trading Systems, 1978)
 */
export class WilderMean {
  readonly #period: number
  #taken = 0
  #value = 0

  constructor(period: number) {
    this.#period = period
  }

  next(value: number): number {
    if (this.#taken === this.#period) {
      this.#value = (this.#value * (this.#period - 1) + value) / this.#period
      return this.#value
    }
    this.#value += value
    this.#taken++
    if (this.#taken < this.#period) return Number.NaN
    this.#value /= this.#period
    return this.#value
  }
}
