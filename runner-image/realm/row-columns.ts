/**
 * Rows of a decision log while they are made: typed arrays that grow by doubling. A row is begun, its optional fields are
 * written into `scratch` and `codes`, and it is ended; an optional column exists from the first row that sets it.
 */
import { ENUM_FIELDS, NUMBER_FIELDS, TEXT_FIELDS } from '../../src/backtest/decision-log.ts'
import type { RealmRows } from './wire.ts'

type Column = Float64Array | Uint32Array | Uint8Array

/** What every row has. */
export interface RowHead {
  readonly bar: number
  readonly sequence: number
  /** Index into the symbols of the call. */
  readonly symbol: number
  readonly signal: number
}

export interface RowColumns {
  readonly rows: number
  /** Optional fields of the row that is being made, by their place in NUMBER_FIELDS and ENUM_FIELDS. */
  readonly scratch: Float64Array
  readonly codes: Uint8Array
  begin(): void
  setText(field: number, text: string): void
  /** Ends the row; how many there are now. */
  end(head: RowHead): number
  /** The rows from `from` on (0: all). */
  take(from?: number): RealmRows
}

function grown<T extends Column>(column: T, length: number): T {
  const next = new (column.constructor as new (length: number) => T)(length)
  if (next instanceof Float64Array) next.fill(Number.NaN)
  next.set(column)
  return next
}

export function createRowColumns(): RowColumns {
  let capacity = 1024
  let rows = 0
  let bars = new Uint32Array(capacity)
  let sequences = new Uint32Array(capacity)
  let symbols = new Uint32Array(capacity)
  let signals = new Uint8Array(capacity)
  const numbers: (Float64Array | null)[] = NUMBER_FIELDS.map(() => null)
  const enums: (Uint8Array | null)[] = ENUM_FIELDS.map(() => null)
  const texts: (Uint32Array | null)[] = TEXT_FIELDS.map(() => null)
  const strings: string[] = []
  const stringIndex = new Map<string, number>()
  const scratch = new Float64Array(NUMBER_FIELDS.length)
  const codes = new Uint8Array(ENUM_FIELDS.length)

  function grow(): void {
    capacity *= 2
    bars = grown(bars, capacity)
    sequences = grown(sequences, capacity)
    symbols = grown(symbols, capacity)
    signals = grown(signals, capacity)
    for (let i = 0; i < enums.length; i++) if (enums[i] !== null) enums[i] = grown(enums[i]!, capacity)
    for (let i = 0; i < numbers.length; i++) if (numbers[i] !== null) numbers[i] = grown(numbers[i]!, capacity)
    for (let i = 0; i < texts.length; i++) if (texts[i] !== null) texts[i] = grown(texts[i]!, capacity)
  }

  function internText(text: string): number {
    let index = stringIndex.get(text)
    if (index === undefined) {
      strings.push(text)
      index = strings.length
      stringIndex.set(text, index)
    }
    return index
  }

  function writeNumbers(): void {
    for (let i = 0; i < numbers.length; i++) {
      const value = scratch[i]!
      if (value !== value) continue
      let column = numbers[i] ?? null
      if (column === null) {
        column = new Float64Array(capacity).fill(Number.NaN)
        numbers[i] = column
      }
      column[rows] = value
    }
  }

  return {
    get rows() {
      return rows
    },
    scratch,
    codes,
    begin() {
      if (rows === capacity) grow()
      scratch.fill(Number.NaN)
      codes.fill(0)
    },
    setText(field, text) {
      ;(texts[field] ??= new Uint32Array(capacity))[rows] = internText(text)
    },
    end({ bar, sequence, symbol, signal }) {
      writeNumbers()
      for (let i = 0; i < codes.length; i++) {
        if (codes[i]! > 0) (enums[i] ??= new Uint8Array(capacity))[rows] = codes[i]!
      }
      bars[rows] = bar
      sequences[rows] = sequence
      symbols[rows] = symbol
      signals[rows] = signal
      rows++
      return rows
    },
    take(from = 0) {
      const cut = <T extends Column>(column: T): T => column.slice(from, rows) as T
      return {
        rows: rows - from,
        bar: cut(bars),
        sequence: cut(sequences),
        symbol: cut(symbols),
        signal: cut(signals),
        numbers: NUMBER_FIELDS.flatMap((name, i) => (numbers[i] == null ? [] : [[name, cut(numbers[i])] as const])),
        enums: ENUM_FIELDS.flatMap((name, i) => (enums[i] == null ? [] : [[name, cut(enums[i])] as const])),
        texts: TEXT_FIELDS.flatMap((name, i) => (texts[i] == null ? [] : [[name, cut(texts[i])] as const])),
        strings,
      }
    },
  }
}
