/**
 * Theory of operation (T4). Bars of a higher interval, built of base bars as they close. A bar is there once its own close
 * has passed: when the base bar that ends it was taken, or when `expire` is told an instant at or after it. The bar that the
 * first base bar lies in is dropped unless it opens with that bar; a later one that misses base bars is flagged. Nothing is
 * ever read ahead: what is there after a call follows from the base bars taken and the instants told so far.
 */
import { intervalMs, slotOf, slotOpen, type Interval } from './interval.ts'
import { CANDLE_COLUMNS, type CandleColumn } from './series.ts'

export type ColumnSet = Readonly<Record<CandleColumn, Float64Array>>

/** What keeps bars of `interval` from being built of bars of `base`, or null. */
export function findResampleProblem(base: Interval, interval: Interval): string | null {
  const baseMs = intervalMs(base)
  const ms = intervalMs(interval)
  const day = intervalMs('1d')!
  const fits =
    baseMs !== null &&
    (ms === null || interval === '1w' ? day % baseMs === 0 : ms > baseMs && ms % baseMs === 0) &&
    interval !== base
  return fits ? null : `bars of ${interval} cannot be built of bars of ${base}`
}

/** Bars of an interval that an instant range touches: entries that their columns need. `end` exclusive. */
export function countSlots(interval: Interval, start: number, end: number): number {
  return end <= start ? 0 : slotOf(interval, end - 1) - slotOf(interval, start) + 1
}

export class Resampler {
  /** Closed bars; entries from `rows` on are not written. `time` is the open. */
  readonly columns: ColumnSet
  /** 1 where base bars are missing. */
  readonly partial: Uint8Array
  readonly #source: ColumnSet
  readonly #interval: Interval
  readonly #baseMs: number
  #rows = 0
  #taken = 0
  /** The bar being built; its close is Infinity while there is none. */
  #close = Number.POSITIVE_INFINITY
  #isDropped = false

  /** `length`: entries for all bars that can come; `source`: columns of the base bars. */
  constructor(options: { source: ColumnSet; base: Interval; interval: Interval; length: number }) {
    const { source, base, interval, length } = options
    this.#source = source
    this.#interval = interval
    this.#baseMs = intervalMs(base)!
    this.columns = Object.fromEntries(
      CANDLE_COLUMNS.map((name) => [name, new Float64Array(length)]),
    ) as unknown as ColumnSet
    this.partial = new Uint8Array(length)
  }

  /** Bars closed so far. */
  get rows(): number {
    return this.#rows
  }

  /** Takes the base bar of `row`, which follows the last one taken; it has closed. */
  take(row: number): void {
    const time = this.#source.time[row]!
    this.expire(time)
    if (this.#close === Number.POSITIVE_INFINITY) this.#begin(row)
    else this.#extend(row)
    this.expire(time + this.#baseMs)
  }

  /** `now` has come: a bar that ends by then is closed, whether or not all of its base bars were there. */
  expire(now: number): void {
    if (now < this.#close) return
    if (!this.#isDropped) {
      const at = this.#rows
      const { time } = this.columns
      this.partial[at] = this.#taken * this.#baseMs < this.#close - time[at]! ? 1 : 0
      this.#rows = at + 1
    }
    this.#close = Number.POSITIVE_INFINITY
  }

  #begin(row: number): void {
    const source = this.#source
    const at = this.#rows
    const slot = slotOf(this.#interval, source.time[row]!)
    const open = slotOpen(this.#interval, slot)
    this.#isDropped = row === 0 && open < source.time[row]!
    this.#close = slotOpen(this.#interval, slot + 1)
    this.#taken = 1
    if (this.#isDropped) return
    const { columns } = this
    columns.time[at] = open
    columns.open[at] = source.open[row]!
    columns.high[at] = source.high[row]!
    columns.low[at] = source.low[row]!
    columns.close[at] = source.close[row]!
    columns.volume[at] = source.volume[row]!
  }

  #extend(row: number): void {
    this.#taken++
    if (this.#isDropped) return
    const source = this.#source
    const at = this.#rows
    const { columns } = this
    if (source.high[row]! > columns.high[at]!) columns.high[at] = source.high[row]!
    if (source.low[row]! < columns.low[at]!) columns.low[at] = source.low[row]!
    columns.close[at] = source.close[row]!
    columns.volume[at] = columns.volume[at]! + source.volume[row]!
  }
}
