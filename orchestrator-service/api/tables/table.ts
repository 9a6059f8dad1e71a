import { visible } from '../../cli/visible.ts'
import type { Columns } from '../../results/arrow-table.ts'

/** A table as columns of one length; NaN in a column of numbers: no value. */
export interface TableRows {
  readonly rows: number
  readonly columns: Columns
}

const ROWS_PER_CHUNK = 1000

/** JSON array of objects, a piece at a time. */
export function* jsonChunks({ rows, columns }: TableRows): Generator<string> {
  const names = Object.keys(columns)
  const keys = names.map((name) => `${JSON.stringify(name)}:`)
  const read = names.map((name) => reader(columns[name]!, jsonNumber, JSON.stringify))
  let text = '['
  for (let row = 0; row < rows; row += 1) {
    text += row === 0 ? '{' : ',\n{'
    for (let i = 0; i < keys.length; i += 1) text += `${i === 0 ? '' : ','}${keys[i]}${read[i]!(row)}`
    text += '}'
    if (row % ROWS_PER_CHUNK === ROWS_PER_CHUNK - 1) {
      yield text
      text = ''
    }
  }
  yield `${text}]\n`
}

/** CSV (RFC 4180) with a header line, a piece at a time. */
export function* csvChunks({ rows, columns }: TableRows): Generator<string> {
  const names = Object.keys(columns)
  const read = names.map((name) => reader(columns[name]!, csvNumber, csvText))
  let text = `${names.map(csvText).join(',')}\r\n`
  for (let row = 0; row < rows; row += 1) {
    for (let i = 0; i < read.length; i += 1) text += `${i === 0 ? '' : ','}${read[i]!(row)}`
    text += '\r\n'
    if (row % ROWS_PER_CHUNK === ROWS_PER_CHUNK - 1) {
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

function reader(
  column: Float64Array | readonly string[],
  number: (value: number) => string,
  word: (value: string) => string,
): (row: number) => string {
  return column instanceof Float64Array ? (row) => number(column[row]!) : (row) => word(column[row]!)
}

/** The shortest text that is read as the same double; JSON has no other than finite numbers. */
function jsonNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

function csvNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : ''
}

/** Where a cell begins like a formula; with other settings a spreadsheet takes a semicolon for the end of a cell. */
const FORMULA = /(^|;)(?=\s*[=+\-@＝＋－＠]|[\t\r\n])/g

/** Nearly all words of a table: nothing to quote and no formula. */
const PLAIN = /^\w[\w /:.-]*$/

/** Spreadsheets run formulas: an apostrophe in front makes them text. Control and direction characters become visible. */
function csvText(value: string): string {
  if (PLAIN.test(value)) return value
  const safe = visible(value.replace(FORMULA, "$1'"))
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
