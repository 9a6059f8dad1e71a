import { collectFindings, type FindingCollector } from '../../src/candles/findings.ts'
import type { RejectionKind } from '../../src/candles/quality.ts'
import { CANDLE_COLUMNS, type CandleColumn } from '../../src/candles/series.ts'
import { CandleBuilder } from './candle-builder.ts'
import { type Delimiter, detectDelimiter, splitFields } from './csv-fields.ts'
import { type RecognisedHeader, recogniseHeader } from './csv-header.ts'
import { UnreadableFile } from './csv-lines.ts'
import { createTimeReader, type TimeReader } from './csv-time.ts'
import type { TimeZone } from './time-zone.ts'

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/
const NOT_A_NUMBER = /^[+-]?(nan|inf|infinity|null|n\/a|na)$/i
/** One minute bars of 38 years; 1.1 GB. */
const MAX_ROWS = 20_000_000
/** A file with more rows than this that cannot be read is not a candle file: reading it to its end shows nothing. */
const MAX_UNPARSABLE = 1_000_000

export interface CsvFormat {
  readonly map: ReadonlyMap<CandleColumn, string>
  readonly timeFormat: string | null
  readonly zone: TimeZone
}

/** What was recognised in a file, as the report shows it. */
export interface RecognisedCsv {
  readonly header: RecognisedHeader
  readonly delimiter: Delimiter
  readonly time: TimeReader
}

/** Turns lines into candles, one line at a time; what a line lacks becomes a finding with its number. */
export class CsvCandleReader {
  readonly builder = new CandleBuilder()
  readonly rejected: FindingCollector<RejectionKind> = collectFindings<RejectionKind>()
  readonly #format: CsvFormat
  #delimiter: Delimiter | null = null
  #header: RecognisedHeader | null = null
  #headerLine = ''
  #time: TimeReader | null = null
  #blank: number[] = []
  readonly #values: number[] = [0, 0, 0, 0, 0, 0, 0]

  constructor(format: CsvFormat) {
    this.#format = format
  }

  readonly onLine = (line: string, number: number): void => {
    if (line.trim() === '') {
      this.#onBlank(number)
      return
    }
    if (this.#header === null || this.#delimiter === null) {
      const delimiter = detectDelimiter(line)
      const fields = delimiter === null ? null : splitFields(line, delimiter)
      if (delimiter === null || fields === null) {
        throw new UnreadableFile(`line ${number} has no five fields between commas, semicolons or tabs`)
      }
      this.#delimiter = delimiter
      this.#header = recogniseHeader(fields, this.#format.map)
      this.#blank = []
      if (this.#header.hasHeader) {
        this.#headerLine = line
        return
      }
    }
    this.#flushBlank()
    this.#onRow(line, number, { header: this.#header, delimiter: this.#delimiter })
  }

  /** Null: the file has no line with a candle. */
  finish(): RecognisedCsv | null {
    if (this.#header === null || this.#delimiter === null || this.#time === null) return null
    return { header: this.#header, delimiter: this.#delimiter, time: this.#time }
  }

  /** Empty lines at the end of a file are no rows; one between rows is a row that cannot be read. */
  #onBlank(number: number): void {
    if (this.#blank.length >= 1000) this.#flushBlank()
    if (this.#header !== null) this.#blank.push(number)
  }

  #flushBlank(): void {
    for (const number of this.#blank) this.#refuse(number, 'unparsable', () => 'the line is empty')
    this.#blank = []
  }

  #refuse(line: number, kind: RejectionKind, message: () => string, time: number | null = null): void {
    this.rejected.add(line, time, kind, message)
    if (this.rejected.total > MAX_UNPARSABLE)
      throw new UnreadableFile(`more than ${MAX_UNPARSABLE} lines cannot be read`)
  }

  #onRow(line: string, number: number, file: { header: RecognisedHeader; delimiter: Delimiter }): void {
    const { header, delimiter } = file
    const fields = splitFields(line, delimiter)
    if (fields === null) {
      this.#refuse(number, 'unparsable', () => 'a quote is left open or stands inside a field')
      return
    }
    if (fields.length !== header.fields) {
      const count = fields.length
      this.#refuse(number, 'unparsable', () => `the line has ${count} fields, expected ${header.fields}`)
      return
    }
    if (line === this.#headerLine) {
      this.#refuse(number, 'unparsable', () => 'the header is repeated')
      return
    }
    const time = this.#readTime(fields[header.places.time]!.trim(), number)
    if (time === null) return
    const values = this.#values
    values[0] = time
    values[6] = number
    for (let i = 1; i < 6; i++) {
      const column = CANDLE_COLUMNS[i]!
      const place = header.places[column]
      const value = place < 0 ? 0 : this.#readNumber(fields[place]!.trim(), { line: number, column, time })
      if (value === null) return
      values[i] = value
    }
    if (this.builder.rows >= MAX_ROWS) throw new UnreadableFile(`it has more than ${MAX_ROWS} rows`)
    this.builder.push(values)
  }

  #readTime(text: string, line: number): number | null {
    this.#time ??= createTimeReader(text, { format: this.#format.timeFormat, zone: this.#format.zone })
    const time = this.#time.parse(text)
    if (typeof time === 'number') return time
    this.#refuse(line, time.kind, () => time.message)
    return null
  }

  #readNumber(text: string, where: { line: number; column: CandleColumn; time: number }): number | null {
    const { line, column, time } = where
    const value = NUMBER.test(text) ? Number(text) : Number.NaN
    if (Number.isFinite(value)) return value
    const shown = JSON.stringify(text.slice(0, 64))
    if (NOT_A_NUMBER.test(text)) this.#refuse(line, 'not_a_number', () => `the ${column} is ${shown}`, time)
    else if (text === '') this.#refuse(line, 'unparsable', () => `the ${column} is empty`, time)
    else this.#refuse(line, 'unparsable', () => `the ${column} ${shown} is not a plain decimal number`, time)
    return null
  }
}
