/*
 * Theory of operation: a file of funding rows is small and has two or three columns, so it is read whole: time, rate and,
 * where the exchange publishes it, the mark price. As with candles, one bad row refuses the file and nothing is stored.
 */
import path from 'node:path'
import { collectFindings, describeCounts, findingsToJson, type Findings } from '../../src/candles/findings.ts'
import type { FundingSeries } from '../../src/candles/funding-series.ts'
import { isSymbol } from '../../src/candles/symbol.ts'
import { PlatformError } from '../../src/errors.ts'
import { type Delimiter, splitFields } from './csv-fields.ts'
import { type LineLimits, readLines, UnreadableFile } from './csv-lines.ts'
import { createTimeReader, type TimeReader } from './csv-time.ts'
import type { FundingArchive } from './funding-archive.ts'
import { parseTimeZone } from './time-zone.ts'

export interface FundingImportOptions {
  readonly file: string
  /** Absent: from the file name, SYMBOL-funding.csv[.gz]. */
  readonly symbol?: string | undefined
  readonly timeFormat?: string | undefined
  readonly tz?: string | undefined
}

export type FundingFault = 'unparsable' | 'not_ascending' | 'duplicate_time' | 'rate_out_of_range' | 'bad_mark'

/** What was found in a file. Times are ms UTC. */
export interface FundingReport {
  readonly file: string
  readonly kind: 'funding'
  readonly symbol: string
  readonly rows: number
  readonly first: number | null
  readonly last: number | null
  /** Rows that carry the mark price of their payment. */
  readonly withMark: number
  readonly rejected: Findings<FundingFault>
}

const FILE_NAME = /^(.+)-funding\.(?:csv|tsv|txt)(?:\.gz)?$/
const LIMITS: LineLimits = { maxBytes: 256 << 20, maxLineBytes: 4096 }
const MAX_ROWS = 2_000_000
const ALIASES = {
  time: ['funding_time', 'fundingtime', 'calc_time', 'open_time', 'time', 'timestamp'],
  rate: ['rate', 'funding_rate', 'fundingrate', 'last_funding_rate'],
  mark: ['mark', 'mark_price', 'markprice'],
} as const
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/

/** Whether a file is named as one of funding rows. */
export function isFundingName(file: string): boolean {
  return FILE_NAME.test(path.basename(file))
}

interface Columns {
  readonly time: number
  readonly rate: number
  readonly mark: number
}

class FundingReader {
  readonly time: number[] = []
  readonly rate: number[] = []
  readonly mark: number[] = []
  readonly rejected = collectFindings<FundingFault>()
  readonly #options: FundingImportOptions
  #columns: Columns | null = null
  #delimiter: Delimiter | null = null
  #times: TimeReader | null = null

  constructor(options: FundingImportOptions) {
    this.#options = options
  }

  readonly onLine = (line: string, number: number): void => {
    if (line.trim() === '') return
    if (this.#columns === null) this.#readHeader(line)
    else this.#readRow(line, number, this.#columns)
  }

  #readHeader(line: string): void {
    this.#delimiter = ([',', ';', '\t'] as const).find((one) => line.includes(one)) ?? null
    const names = (this.#delimiter === null ? [line] : (splitFields(line, this.#delimiter) ?? [])).map((name) =>
      name.trim().toLowerCase().replaceAll(/\s+/g, '_'),
    )
    const place = (wanted: readonly string[]): number => names.findIndex((name) => wanted.includes(name))
    const columns = { time: place(ALIASES.time), rate: place(ALIASES.rate), mark: place(ALIASES.mark) }
    if (columns.time < 0 || columns.rate < 0) {
      throw new UnreadableFile('its header names no funding_time and rate')
    }
    this.#columns = columns
  }

  #readRow(line: string, number: number, columns: Columns): void {
    const fields = this.#delimiter === null ? null : splitFields(line, this.#delimiter)
    const timeText = fields?.[columns.time]?.trim() ?? ''
    const rateText = fields?.[columns.rate]?.trim() ?? ''
    const markText = columns.mark < 0 ? '' : (fields?.[columns.mark]?.trim() ?? '')
    this.#times ??= createTimeReader(timeText, {
      format: this.#options.timeFormat ?? null,
      zone: parseTimeZone(this.#options.tz ?? 'UTC'),
    })
    const time = this.#times.parse(timeText)
    const rate = NUMBER.test(rateText) ? Number(rateText) : Number.NaN
    const refuse = (kind: FundingFault, message: string): void =>
      this.rejected.add(number, typeof time === 'number' ? time : null, kind, () => message)
    if (typeof time !== 'number') return refuse('unparsable', time.message)
    if (Number.isNaN(rate))
      return refuse('unparsable', `the rate ${JSON.stringify(rateText.slice(0, 64))} is no number`)
    if (!(Math.abs(rate) <= 1)) return refuse('rate_out_of_range', `the rate ${rate} is above 1 (100 %)`)
    const mark = markText === '' ? Number.NaN : Number(markText)
    if (markText !== '' && !(mark > 0 && mark < Infinity))
      return refuse('bad_mark', `the mark ${JSON.stringify(markText.slice(0, 64))} is no price`)
    const before = this.time.at(-1) ?? -Infinity
    if (time === before) return refuse('duplicate_time', 'the row before has the same time')
    if (time < before) return refuse('not_ascending', 'the row before has a later time')
    if (this.time.length >= MAX_ROWS) throw new UnreadableFile(`it has more than ${MAX_ROWS} rows`)
    this.time.push(time)
    this.rate.push(rate)
    this.mark.push(mark)
  }

  series(symbol: string): FundingSeries {
    return {
      symbol,
      rows: this.time.length,
      time: Float64Array.from(this.time),
      rate: Float64Array.from(this.rate),
      mark: Float64Array.from(this.mark),
    }
  }
}

/**
 * Imports one file of funding rows, all or nothing.
 * @throws PlatformError usage, import_rejected with the report in its details
 */
export async function importFunding(archive: FundingArchive, options: FundingImportOptions): Promise<FundingReport> {
  const symbol = options.symbol ?? FILE_NAME.exec(path.basename(options.file))?.[1] ?? ''
  if (!isSymbol(symbol)) {
    throw new PlatformError(
      'usage',
      `Cannot import ${JSON.stringify(options.file)}: its name says no symbol, expected SYMBOL-funding.csv[.gz]`,
      { hint: 'State it with --symbol' },
    )
  }
  const reader = new FundingReader(options)
  await readLines(options.file, reader.onLine, LIMITS).catch((error: unknown) => {
    throw error instanceof UnreadableFile ? cannotImport(options.file, error.message) : error
  })
  const series = reader.series(symbol)
  const { rejected } = reader
  const report: FundingReport = {
    file: options.file,
    kind: 'funding',
    symbol,
    rows: series.rows,
    first: series.time[0] ?? null,
    last: series.time.at(-1) ?? null,
    withMark: series.mark.reduce((count, mark) => count + (Number.isNaN(mark) ? 0 : 1), 0),
    rejected,
  }
  if (rejected.total > 0) {
    const first = rejected.list[0]!
    const what = `${rejected.total} row${rejected.total === 1 ? ' is' : 's are'} refused (${describeCounts(rejected)}; first: line ${first.row}, ${first.message})`
    throw new PlatformError(
      'import_rejected',
      `Cannot import ${JSON.stringify(options.file)}: ${what}, expected none`,
      {
        details: { report: fundingReportToJson(report) },
      },
    )
  }
  if (series.rows === 0) throw cannotImport(options.file, 'it has no funding row')
  await archive.write(series)
  return report
}

export function fundingReportToJson(report: FundingReport): Record<string, unknown> {
  return { ...report, rejected: findingsToJson(report.rejected) }
}

function cannotImport(file: string, state: string): PlatformError {
  return new PlatformError(
    'import_rejected',
    `Cannot import ${JSON.stringify(file)}: ${state}, expected a CSV file with the columns funding_time, rate and perhaps mark`,
  )
}
