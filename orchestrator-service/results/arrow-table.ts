import {
  Dictionary,
  Float64,
  Int32,
  makeVector,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
  type Vector,
} from 'apache-arrow'

/** Columns of a table: numbers as Float64, words as a dictionary. */
export type Columns = Readonly<Record<string, Float64Array | readonly string[]>>

/** Columns of one length -> an Arrow IPC file. */
export function encodeTable(columns: Columns): Uint8Array {
  const vectors: Record<string, Vector> = {}
  for (const [name, values] of Object.entries(columns)) {
    vectors[name] =
      values instanceof Float64Array
        ? makeVector({ type: new Float64(), data: values, length: values.length, nullCount: 0 })
        : vectorFromArray([...values], new Dictionary(new Utf8(), new Int32()))
  }
  return tableToIPC(new Table(vectors), 'file')
}

/** A decoded table: `number` and `word` throw if there is no such column, or it is of the other kind. */
export interface DecodedTable {
  readonly rows: number
  readonly has: (name: string) => boolean
  readonly number: (name: string) => Float64Array
  readonly word: (name: string) => readonly string[]
}

export function decodeTable(bytes: Uint8Array): DecodedTable {
  const table = tableFromIPC(bytes)
  const column = (name: string): Vector => {
    const vector = table.getChild(name)
    if (vector === null) throw new Error(`column "${name}" is missing`)
    return vector
  }
  return {
    rows: table.numRows,
    has: (name) => table.getChild(name) !== null,
    number(name) {
      const values: unknown = column(name).toArray()
      if (!(values instanceof Float64Array)) throw new Error(`column "${name}" does not hold numbers`)
      return values
    },
    word(name) {
      return Array.from(column(name), String)
    },
  }
}

/** Columns out of objects, one reader a column. */
export function columnsOf<T>(
  rows: readonly T[],
  numbers: Readonly<Record<string, (row: T) => number>>,
  words: Readonly<Record<string, (row: T) => string>>,
): Columns {
  const columns: Record<string, Float64Array | readonly string[]> = {}
  for (const [name, read] of Object.entries(numbers)) columns[name] = Float64Array.from(rows, read)
  for (const [name, read] of Object.entries(words)) columns[name] = rows.map(read)
  return columns
}
