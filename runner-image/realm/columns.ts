/**
 * Theory of operation. The columns that a strategy sees are its own: NaN everywhere but in the bars closed so far, one entry
 * more before each call. The engine's columns, which hold the future, lie in shared memory that no object of user code
 * leads to. A column is made when the strategy first asks for it (a strategy that reads closes pays for closes); from then
 * on it is kept up to date, so what is seen never depends on when it was made. A getter costs ten times a field in an inner
 * loop: after a column was made, `refreshed` gives a view in which it is a field, for the calls that come.
 */
import type { CandleColumns } from '../../src/strategies/decision-types.ts'
import { makeFailure } from '../../src/strategies/failures.ts'
import { ownWork } from './own-work.ts'

export interface RevealedColumns {
  readonly columns: CandleColumns
  /** Shows the bar `row`, which follows the last one shown. */
  show(row: number): void
  /** A new view when columns were made since the last one, else null. */
  refreshed(): CandleColumns | null
}

/** Columns of `length` entries over the hidden ones. */
export function createColumns(hidden: CandleColumns, length: number): RevealedColumns {
  // Taken out once: a look-up per bar in an object without prototype is a search in a hash table
  const { time: times, open: opens, high: highs, low: lows, close: closes, volume: volumes } = hidden
  let shown = 0
  let isStale = false
  let time: Float64Array | null = null
  let open: Float64Array | null = null
  let high: Float64Array | null = null
  let low: Float64Array | null = null
  let close: Float64Array | null = null
  let volume: Float64Array | null = null

  function make(source: Float64Array): Float64Array {
    isStale = true
    return ownWork(() => {
      const target = allocate(length)
      for (let row = 0; row < shown; row++) target[row] = source[row]!
      return target
    })
  }

  const columns: CandleColumns = {
    get time() {
      return (time ??= make(times))
    },
    get open() {
      return (open ??= make(opens))
    },
    get high() {
      return (high ??= make(highs))
    },
    get low() {
      return (low ??= make(lows))
    },
    get close() {
      return (close ??= make(closes))
    },
    get volume() {
      return (volume ??= make(volumes))
    },
  }
  const view = (): CandleColumns => {
    const made = { time, open, high, low, close, volume }
    const result = {} as CandleColumns
    for (const [name, getter] of Object.entries(Object.getOwnPropertyDescriptors(columns))) {
      const column = made[name as keyof typeof made]
      const field = { value: column, enumerable: true, writable: false, configurable: false }
      Object.defineProperty(result, name, column === null ? getter : field)
    }
    return Object.freeze(Object.setPrototypeOf(result, null) as CandleColumns)
  }

  return {
    columns: view(),
    refreshed() {
      if (!isStale) return null
      isStale = false
      return view()
    },
    show(row) {
      // Six tests cost less than a walk over those that exist
      if (time !== null) time[row] = times[row]!
      if (open !== null) open[row] = opens[row]!
      if (high !== null) high[row] = highs[row]!
      if (low !== null) low[row] = lows[row]!
      if (close !== null) close[row] = closes[row]!
      if (volume !== null) volume[row] = volumes[row]!
      shown = row + 1
    },
  }
}

/** A column of the strategy's own: NaN everywhere. */
export function allocate(length: number): Float64Array {
  try {
    return new Float64Array(length).fill(Number.NaN)
  } catch {
    throw makeFailure('memory', `The realm has no memory for a column of ${length} bars`)
  }
}

/** Which NaN arithmetic makes differs between processors, and a strategy could see its bits. */
export function unify(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    if (value !== value) values[i] = Number.NaN
  }
}
