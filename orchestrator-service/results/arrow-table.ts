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
import type { CodedColumns, CodedWords } from './coded-columns.ts'

/** Columns of a table: numbers as Float64, words as a dictionary. */
export type Columns = Readonly<Record<string, Float64Array | readonly string[]>>

/** Columns of one length -> an Arrow IPC file. */
export function encodeTable(columns: Columns | CodedColumns): Uint8Array {
  const vectors: Record<string, Vector> = {}
  for (const [name, values] of Object.entries(columns)) vectors[name] = vectorOf(values)
  return tableToIPC(new Table(vectors), 'file')
}

function vectorOf(values: Float64Array | readonly string[] | CodedWords): Vector {
  if (values instanceof Float64Array)
    return makeVector({ type: new Float64(), data: values, length: values.length, nullCount: 0 })
  const type = new Dictionary(new Utf8(), new Int32())
  if (!('codes' in values)) return vectorFromArray([...values], type)
  const { words, codes } = values
  const dictionary = vectorFromArray(words, new Utf8())
  return makeVector({ type, data: codes, length: codes.length, nullCount: 0, dictionary })
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
