/*
 * Theory of operation: decisions travel as columns. `packDecisions` and `unpackDecisions` go between rows and columns,
 * `encodeDecisionLog` and `decodeDecisionLog` between columns and the JSON document of the wire. Decoding is strict and
 * total: what comes out has columns of the right length, enums and indices in range, finite and positive numbers where
 * the shape wants them, and no column that no row sets. Whether bars exist and fit the window is not known here:
 * `checkDecisions` (decision-order.ts) says that.
 */
import { PlatformError } from '../errors.ts'
import { fromBase64, toBase64 } from '../math/base64.ts'
import type { DecisionLogDocument } from '../protocol/runner-result.ts'
import { isFieldValue } from './decision-fields.ts'
import { parseLegFunction } from '../proposals/leg-function.ts'
import {
  ENUM_FIELDS,
  ENUM_VALUES,
  NUMBER_FIELDS,
  SIGNALS,
  TEXT_FIELDS,
  type DecisionLog,
  type DecisionRow,
  type EnumField,
  type NumberField,
  type TextField,
} from './decision-log.ts'

/** Bounds of a decision log from the other side of a border. */
export interface DecisionLogLimits {
  readonly maxRows: number
  readonly symbols: number
  readonly units: number
}

/** Limits of the public shapes; indices beyond the run's own symbols are refused when the log is played. */
const WIDEST_LIMITS: DecisionLogLimits = { maxRows: 1_000_000, symbols: 500, units: 500 }

const MAX_META_LENGTH = 1024

function malformed(what: string, state: string, expected: string): PlatformError {
  return new PlatformError('protocol', `Cannot read decision log "${what}": ${state}, expected ${expected}`)
}

/** Columns of rows in their order. Texts are collected into one table, in order of first use. */
export function packDecisions(rows: readonly DecisionRow[]): DecisionLog {
  const n = rows.length
  const numbers = new Map<NumberField, Float64Array>()
  for (const name of NUMBER_FIELDS) {
    if (rows.some((row) => row[name] !== undefined)) {
      numbers.set(
        name,
        Float64Array.from(rows, (row) => row[name] ?? Number.NaN),
      )
    }
  }
  const enums = new Map<EnumField, Uint8Array>()
  for (const name of ENUM_FIELDS) {
    const values: readonly string[] = ENUM_VALUES[name]
    const codes = Uint8Array.from(rows, (row) => values.indexOf(row[name] ?? values[0]!))
    if (codes.some((code) => code !== 0)) enums.set(name, codes)
  }
  const table = new Map<string, number>()
  const texts = new Map<TextField, Uint32Array>()
  for (const name of TEXT_FIELDS) {
    if (rows.some((row) => row[name] !== undefined)) texts.set(name, packTexts({ rows, name, table }))
  }
  return {
    rows: n,
    unit: Uint32Array.from(rows, (row) => row.unit),
    bar: Uint32Array.from(rows, (row) => row.bar),
    symbol: Uint32Array.from(rows, (row) => row.symbol),
    sequence: Uint32Array.from(rows, (row) => row.sequence),
    signal: Uint8Array.from(rows, (row) => SIGNALS.indexOf(row.signal)),
    numbers,
    enums,
    texts,
    strings: [...table.keys()],
  }
}

function packTexts(options: {
  rows: readonly DecisionRow[]
  name: TextField
  table: Map<string, number>
}): Uint32Array {
  const { rows, name, table } = options
  return Uint32Array.from(rows, (row) => {
    const text = row[name]
    if (text === undefined) return 0
    let index = table.get(text)
    if (index === undefined) {
      index = table.size + 1
      table.set(text, index)
    }
    return index
  })
}

/** One row in object form; absent fields are absent. */
export function decisionRow(log: DecisionLog, row: number): DecisionRow {
  const result: { -readonly [K in keyof DecisionRow]: DecisionRow[K] } = {
    unit: log.unit[row]!,
    bar: log.bar[row]!,
    symbol: log.symbol[row]!,
    sequence: log.sequence[row]!,
    signal: SIGNALS[log.signal[row]!]!,
  }
  for (const [name, column] of log.numbers) {
    const value = column[row]!
    if (value === value) result[name] = value
  }
  for (const [name, column] of log.enums) {
    const code = column[row]!
    if (code !== 0) Object.assign(result, { [name]: ENUM_VALUES[name][code] })
  }
  for (const [name, column] of log.texts) {
    const index = column[row]!
    if (index !== 0) result[name] = log.strings[index - 1]!
  }
  return result
}

export function unpackDecisions(log: DecisionLog): DecisionRow[] {
  return Array.from({ length: log.rows }, (_, row) => decisionRow(log, row))
}

function bytesOf(column: Float64Array | Uint32Array | Uint8Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}

/** The wire form of a log; fields stand in the order NUMBER_FIELDS, ENUM_FIELDS, TEXT_FIELDS. */
export function encodeDecisionLog(log: DecisionLog): DecisionLogDocument {
  const fields: DecisionLogDocument['fields'] = []
  const add = (name: string, column: Float64Array | Uint32Array | Uint8Array | undefined): void => {
    if (column !== undefined) fields.push({ name, bytes: toBase64(bytesOf(column)) })
  }
  for (const name of NUMBER_FIELDS) add(name, log.numbers.get(name))
  for (const name of ENUM_FIELDS) add(name, log.enums.get(name))
  for (const name of TEXT_FIELDS) add(name, log.texts.get(name))
  return {
    rows: log.rows,
    unit: toBase64(bytesOf(log.unit)),
    bar: toBase64(bytesOf(log.bar)),
    symbol: toBase64(bytesOf(log.symbol)),
    sequence: toBase64(bytesOf(log.sequence)),
    signal: toBase64(bytesOf(log.signal)),
    fields,
    strings: [...log.strings],
  }
}

function decodeBytes(options: { what: string; text: string; length: number }): Uint8Array<ArrayBuffer> {
  const { what, text, length } = options
  if (text.length !== Math.ceil(length / 3) * 4) {
    throw malformed(what, `${text.length} characters`, `${Math.ceil(length / 3) * 4} (base64 of ${length} bytes)`)
  }
  const bytes = fromBase64(text)
  if (bytes === null || bytes.length !== length) throw malformed(what, 'not base64', `${length} bytes in base64`)
  return bytes
}

function decodeIndices(options: { what: string; text: string; rows: number; below: number }): Uint32Array {
  const { what, text, rows, below } = options
  const column = new Uint32Array(decodeBytes({ what, text, length: 4 * rows }).buffer)
  for (let i = 0; i < rows; i++) {
    if (column[i]! >= below) throw malformed(`${what}/${i}`, `${column[i]}`, `an index below ${below}`)
  }
  return column
}

function decodeEnum(options: { what: string; text: string; rows: number; values: number }): Uint8Array {
  const { what, text, rows, values } = options
  const column = decodeBytes({ what, text, length: rows })
  for (let i = 0; i < rows; i++) {
    if (column[i]! >= values) throw malformed(`${what}/${i}`, `${column[i]}`, `an index below ${values}`)
  }
  return column
}

function decodeNumbers(options: { name: NumberField; text: string; rows: number }): Float64Array {
  const { name, text, rows } = options
  const column = new Float64Array(decodeBytes({ what: `fields/${name}`, text, length: 8 * rows }).buffer)
  let set = false
  for (let i = 0; i < rows; i++) {
    const value = column[i]!
    if (value === value) set = true
    if (!isFieldValue(name, value)) throw malformed(`fields/${name}/${i}`, `${value}`, 'a value of its range')
  }
  if (!set) throw malformed(`fields/${name}`, 'set by no row', 'absent')
  return column
}

/** Strict reading of a log's wire form. @throws `protocol` with the place and what was expected there. */
export function decodeDecisionLog(
  document: DecisionLogDocument,
  limits: DecisionLogLimits = WIDEST_LIMITS,
): DecisionLog {
  const { rows, strings } = document
  if (!Number.isInteger(rows) || rows < 0 || rows > limits.maxRows) {
    throw malformed('rows', `${rows}`, `0 to ${limits.maxRows}`)
  }
  const log: DecisionLog = {
    rows,
    unit: decodeIndices({ what: 'unit', text: document.unit, rows, below: limits.units }),
    bar: new Uint32Array(decodeBytes({ what: 'bar', text: document.bar, length: 4 * rows }).buffer),
    symbol: decodeIndices({ what: 'symbol', text: document.symbol, rows, below: limits.symbols }),
    sequence: new Uint32Array(decodeBytes({ what: 'sequence', text: document.sequence, length: 4 * rows }).buffer),
    signal: decodeEnum({ what: 'signal', text: document.signal, rows, values: SIGNALS.length }),
    ...decodeFields(document),
    strings,
  }
  return log
}

function decodeFields(document: DecisionLogDocument): Pick<DecisionLog, 'numbers' | 'enums' | 'texts'> {
  const { rows, strings } = document
  const numbers = new Map<NumberField, Float64Array>()
  const enums = new Map<EnumField, Uint8Array>()
  const texts = new Map<TextField, Uint32Array>()
  const known: readonly string[] = [...NUMBER_FIELDS, ...ENUM_FIELDS, ...TEXT_FIELDS]
  let last = -1
  for (const { name, bytes: text } of document.fields) {
    const position = known.indexOf(name)
    if (position <= last)
      throw malformed(`fields/${name.slice(0, 32)}`, 'unknown, twice or out of order', known.join(', '))
    last = position
    const what = `fields/${name}`
    if (position < NUMBER_FIELDS.length) {
      numbers.set(name as NumberField, decodeNumbers({ name: name as NumberField, text, rows }))
    } else if (position < NUMBER_FIELDS.length + ENUM_FIELDS.length) {
      const field = name as EnumField
      enums.set(field, decodeEnum({ what, text, rows, values: ENUM_VALUES[field].length }))
    } else {
      const column = decodeIndices({ what, text, rows, below: strings.length + 1 })
      if (name !== 'strategyName') checkTexts(name as TextField, column, strings)
      texts.set(name as TextField, column)
    }
  }
  for (const column of [...enums.values(), ...texts.values()]) {
    if (!column.some((value) => value !== 0)) throw malformed('fields', 'a field that no row sets', 'absent')
  }
  return { numbers, enums, texts }
}

function checkTexts(name: TextField, column: Uint32Array, strings: readonly string[]): void {
  for (let i = 0; i < column.length; i++) {
    const index = column[i]!
    if (index === 0) continue
    const text = strings[index - 1]!
    if (text.length > MAX_META_LENGTH)
      throw malformed(`fields/${name}/${i}`, `${text.length} characters`, `at most ${MAX_META_LENGTH}`)
    const isFunction = name !== 'meta' && name !== 'executor'
    if (isFunction && parseLegFunction(text) === null)
      throw malformed(`fields/${name}/${i}`, 'no function', '{fn, args}')
  }
}
export { mergeDecisionLogs } from './merge-decisions.ts'
