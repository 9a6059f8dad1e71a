/**
 * Theory of operation. The columns that a strategy sees are its own: NaN everywhere but in the bars closed so far, one entry
 * more before each call. The engine's columns, which hold the future, lie in shared memory that no object of user code
 * leads to. A column is made when the strategy first asks for it (a strategy that reads closes pays for closes); from then
 * on it is kept up to date, so what is seen never depends on when it was made. A getter costs ten times a field in an inner
 * loop: after a column was made, `renew` makes a view in which it is a field, for the calls that come.
 */
import type { CandleColumns } from '../../src/strategies/decision-types.ts'
import { makeFailure } from '../../src/strategies/failures.ts'

export interface RevealedColumns {
  /** The view as it was last renewed. */
  readonly view: CandleColumns
  /** Columns that exist, null: not asked for yet. */
  readonly made: MadeColumns
  /** Rows that are shown; the loop keeps it true before each call. */
  shown: number
  /** Columns were made since the view was renewed. */
  isStale: boolean
  /** Makes `view` one in which the columns that exist are fields. */
  renew(): CandleColumns
  /** Shows the bar `row`, the first time after all bars before it. */
  reveal(row: number): void
}

export type MadeColumns = { -readonly [K in keyof CandleColumns]: Float64Array | null }

/** Columns of `length` entries over the hidden ones. */
export function createColumns(hidden: CandleColumns, length: number): RevealedColumns {
  // Taken out once: a look-up per bar in an object without prototype is a search in a hash table
  const { time: times, open: opens, high: highs, low: lows, close: closes, volume: volumes } = hidden
  const made: MadeColumns = { time: null, open: null, high: null, low: null, close: null, volume: null }

  function make(source: Float64Array): Float64Array {
    const target = allocate(length)
    const { shown } = revealed
    for (let row = 0; row < shown; row++) target[row] = source[row]!
    revealed.isStale = true
    return target
  }

  const columns: CandleColumns = {
    get time() {
      return (made.time ??= make(times))
    },
    get open() {
      return (made.open ??= make(opens))
    },
    get high() {
      return (made.high ??= make(highs))
    },
    get low() {
      return (made.low ??= make(lows))
    },
    get close() {
      return (made.close ??= make(closes))
    },
    get volume() {
      return (made.volume ??= make(volumes))
    },
  }
  const makeView = (): CandleColumns => {
    const result = {} as CandleColumns
    for (const [name, getter] of Object.entries(Object.getOwnPropertyDescriptors(columns))) {
      const column = made[name as keyof MadeColumns]
      const field = { value: column, enumerable: true, writable: false, configurable: false }
      Object.defineProperty(result, name, column === null ? getter : field)
    }
    return Object.freeze(Object.setPrototypeOf(result, null) as CandleColumns)
  }
  const revealed: Mutable<RevealedColumns> = {
    view: makeView(),
    made,
    shown: 0,
    isStale: false,
    renew() {
      revealed.isStale = false
      revealed.view = makeView()
      return revealed.view
    },
    reveal(row) {
      const { time, open, high, low, close, volume } = made
      for (let at = revealed.shown; at <= row; at++) {
        if (time !== null) time[at] = times[at]!
        if (open !== null) open[at] = opens[at]!
        if (high !== null) high[at] = highs[at]!
        if (low !== null) low[at] = lows[at]!
        if (close !== null) close[at] = closes[at]!
        if (volume !== null) volume[at] = volumes[at]!
      }
      revealed.shown = row + 1
    },
  }
  return revealed
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A column of the strategy's own: NaN everywhere. */
export function allocate(length: number): Float64Array {
  try {
    return new Float64Array(length).fill(Number.NaN)
  } catch {
    throw makeFailure('memory', `The realm has no memory for a column of ${length} bars`)
  }
}
