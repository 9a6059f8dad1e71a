import path from 'node:path'
import { collectFindings, describeCounts, findingsToJson, type Findings } from '../../src/candles/findings.ts'
import { type GapSummary, summariseGaps } from '../../src/candles/gaps.ts'
import { INTERVALS, type Interval } from '../../src/candles/interval.ts'
import { checkQuality, type RejectionKind } from '../../src/candles/quality.ts'
import type { WarningKind } from '../../src/candles/quality-warnings.ts'
import type { CandleColumn, CandleSeries } from '../../src/candles/series.ts'
import { isSymbol, type Market } from '../../src/candles/symbol.ts'
import { PlatformError } from '../../src/errors.ts'
import type { CandleArchive } from './archive.ts'
import { CsvCandleReader, type RecognisedCsv } from './csv-candles.ts'
import { parseColumnMap } from './csv-header.ts'
import { type LineLimits, readLines, UnreadableFile } from './csv-lines.ts'
import { parseTimeZone } from './time-zone.ts'

export interface ImportOptions {
  readonly file: string
  readonly market: Market
  /** mark: mark prices of a perpetual, named SYMBOL-mark-INTERVAL. */
  readonly kind?: 'base' | 'mark' | undefined
  /** Absent: from the file name, SYMBOL-INTERVAL.csv[.gz]. */
  readonly symbol?: string | undefined
  readonly interval?: Interval | undefined
  /** `open_time=Date,close=Last` */
  readonly map?: string | undefined
  readonly timeFormat?: string | undefined
  readonly tz?: string | undefined
  readonly limits?: LineLimits
}

/** What was found in a file. `row` of a finding is the line of the file. Times are ms UTC. */
export interface ImportReport {
  readonly file: string
  readonly market: Market
  readonly symbol: string
  readonly interval: Interval
  readonly recognised: RecognisedFormat
  readonly rows: number
  readonly first: number | null
  readonly last: number | null
  readonly rejected: Findings<RejectionKind>
  readonly warnings: Findings<WarningKind>
  /** On the 24/7 calendar; no fault of a file, each run judges them (T5). Of accepted files only. */
  readonly gaps: GapSummary | null
  readonly descending: boolean
}

export interface RecognisedFormat {
  readonly source: string
  readonly header: boolean
  readonly delimiter: string
  readonly compressed: boolean
  /** Column -> the file's name of it, null without a header; a volume that the file does not have is left out. */
  readonly columns: Readonly<Partial<Record<CandleColumn, string | null>>>
  readonly ignored: readonly string[]
  readonly time: string
  readonly zone: string | null
}

const FILE_NAME = new RegExp(`^(.+)-(${INTERVALS.join('|')})\\.(?:csv|tsv|txt)(?:\\.gz)?$`)

/** Symbol and interval as stated, else from the file name. @throws PlatformError usage */
export function resolveImportTarget(options: ImportOptions): { symbol: string; interval: Interval } {
  const match = FILE_NAME.exec(path.basename(options.file))
  const named = options.kind === 'mark' ? match?.[1]?.replace(/-mark$/, '') : match?.[1]
  const symbol = options.symbol ?? named
  const interval = options.interval ?? INTERVALS.find((one) => one === match?.[2])
  if (symbol === undefined || interval === undefined) {
    throw new PlatformError(
      'usage',
      `Cannot import ${JSON.stringify(options.file)}: its name says no ${symbol === undefined ? 'symbol' : 'interval'}, expected SYMBOL-INTERVAL.csv[.gz]`,
      { hint: 'State them with --symbol and --interval' },
    )
  }
  if (!isSymbol(symbol)) {
    throw new PlatformError(
      'usage',
      `Cannot import ${JSON.stringify(options.file)}: ${JSON.stringify(symbol.slice(0, 64))} is not a symbol name, expected 1 to 32 letters, digits, ".", "-" or "_"`,
      { hint: 'State it with --symbol' },
    )
  }
  return { symbol, interval }
}

/**
 * Reads and checks a CSV file without storing anything: the series, and a report of what was recognised and found.
 * @throws PlatformError usage, import_rejected (the file as a whole cannot be read)
 */
export async function readCsv(options: ImportOptions): Promise<{ report: ImportReport; series: CandleSeries }> {
  const { symbol, interval } = resolveImportTarget(options)
  const reader = new CsvCandleReader({
    map: options.map === undefined ? new Map() : parseColumnMap(options.map),
    timeFormat: options.timeFormat ?? null,
    zone: parseTimeZone(options.tz ?? 'UTC'),
  })
  const { compressed } = await readLines(options.file, reader.onLine, options.limits).catch((error: unknown) => {
    throw error instanceof UnreadableFile ? cannotImport(options.file, error.message) : named(error, options.file)
  })
  const recognised = reader.finish()
  if (recognised === null) throw cannotImport(options.file, 'it has no row of candles')
  const series = reader.builder.series(symbol, interval)
  const quality = checkQuality(series, { rowOf: (row) => reader.builder.lineOf(row) })
  const rejected = mergeFindings(reader.rejected, quality.rejected)
  const report: ImportReport = {
    file: options.file,
    market: options.market,
    symbol,
    interval,
    recognised: describeFormat(recognised, compressed),
    rows: series.rows,
    first: series.rows === 0 ? null : series.time[0]!,
    last: series.rows === 0 ? null : series.time[series.rows - 1]!,
    rejected,
    warnings: quality.warnings,
    gaps: rejected.total === 0 ? summariseGaps(series) : null,
    descending: quality.descending,
  }
  return { report, series }
}

/**
 * Imports one file, all or nothing: with a single row refused nothing is stored.
 * @throws PlatformError usage, import_rejected; ImportRejected with the report
 */
export async function importCsv(archive: CandleArchive, options: ImportOptions): Promise<ImportReport> {
  const { report, series } = await readCsv(options)
  if (report.rejected.total > 0) throw new ImportRejected(report)
  await archive.write(options.market, series)
  return report
}

function cannotImport(file: string, state: string): PlatformError {
  return new PlatformError(
    'import_rejected',
    `Cannot import ${JSON.stringify(file)}: ${state}, expected a CSV file of candles`,
  )
}

/** The same error with the file in its message. */
function named(error: unknown, file: string): unknown {
  if (!(error instanceof PlatformError) || error.code !== 'import_rejected') return error
  const message = error.message.replace('Cannot import:', `Cannot import ${JSON.stringify(file)}:`)
  return new PlatformError(error.code, message, { hint: error.hint, cause: error })
}

/** A file whose rows broke the data rules; nothing of it was stored. */
export class ImportRejected extends PlatformError {
  readonly report: ImportReport

  constructor(report: ImportReport) {
    const { rejected, file } = report
    const first = rejected.list[0]!
    const rows = `${rejected.total} row${rejected.total === 1 ? ' is' : 's are'} refused`
    super(
      'import_rejected',
      `Cannot import ${JSON.stringify(file)}: ${rows} (${describeCounts(rejected)}; first: line ${first.row}, ${first.message}), expected none`,
      { details: { report: reportToJson(report) }, ...(report.descending ? { hint: REVERSE } : {}) },
    )
    this.report = report
  }
}

const REVERSE =
  'The newest row stands first: reverse the rows so that times ascend, and import again; nothing was stored'

function mergeFindings(a: Findings<RejectionKind>, b: Findings<RejectionKind>): Findings<RejectionKind> {
  const merged = collectFindings<RejectionKind>()
  const counts = new Map(a.counts)
  for (const [kind, count] of b.counts) counts.set(kind, (counts.get(kind) ?? 0) + count)
  const list = [...a.list, ...b.list].toSorted((x, y) => x.row - y.row)
  for (const one of list) merged.add(one.row, one.time, one.kind, () => one.message)
  return { total: a.total + b.total, counts, list: merged.list }
}

function describeFormat(recognised: RecognisedCsv, compressed: boolean): RecognisedFormat {
  const { header, delimiter, time } = recognised
  const { volume, ...prices } = header.names
  return {
    source: header.source,
    header: header.hasHeader,
    delimiter,
    compressed,
    columns: header.places.volume < 0 ? prices : { ...prices, volume },
    ignored: header.ignored,
    time: time.format,
    zone: time.zone,
  }
}

/** A report as JSON: counts as an object. */
export function reportToJson(report: ImportReport): Record<string, unknown> {
  return { ...report, rejected: findingsToJson(report.rejected), warnings: findingsToJson(report.warnings) }
}
