import { describeCounts, findingsToJson, type Findings } from '../../../src/candles/findings.ts'
import { formatUtc } from '../../../src/candles/format-time.ts'
import { type GapSummary, summariseGaps } from '../../../src/candles/gaps.ts'
import { INTERVALS, type Interval } from '../../../src/candles/interval.ts'
import { checkQuality } from '../../../src/candles/quality.ts'
import { MARKETS, type Market } from '../../../src/candles/symbol.ts'
import { PlatformError } from '../../../src/errors.ts'
import type { FundingArchive, FundingListing } from '../../candles/funding-archive.ts'
import { type FundingReport, fundingReportToJson, importFunding, isFundingName } from '../../candles/import-funding.ts'
import type { CandleArchive, CandleListing } from '../../candles/archive.ts'
import { importCsv, ImportRejected, type ImportReport, reportToJson } from '../../candles/import-csv.ts'
import type { CliIo } from '../io.ts'
import { renderTable } from '../render-table.ts'
import { visible } from '../visible.ts'

/** Findings that are printed; `--json` has them all. */
const SHOWN = 20

interface SeriesFlags {
  readonly market?: string | undefined
  readonly symbol?: string | undefined
  readonly interval?: string | undefined
}

export interface CandlesImportOptions extends SeriesFlags {
  readonly archive: CandleArchive
  readonly marks: CandleArchive
  readonly funding: FundingArchive
  /** base, mark or funding; absent: from the file name. */
  readonly kind?: string | undefined
  readonly files: readonly string[]
  readonly map?: string | undefined
  readonly timeFormat?: string | undefined
  readonly tz?: string | undefined
}

/** `hotcell candles import FILE…`: each file all or nothing; the others are imported although one is refused. */
export async function candlesImport(options: CandlesImportOptions, io: CliIo): Promise<number> {
  const { files, symbol } = options
  const interval = parseInterval(options.interval)
  if (files.length > 1 && symbol !== undefined) {
    throw new PlatformError(
      'usage',
      `Cannot import ${files.length} files as "${visible(symbol)}": one series is one file, expected one file with --symbol`,
    )
  }
  const reports: Record<string, unknown>[] = []
  const errors: PlatformError[] = []
  for (const file of files) {
    try {
      const { json, text } = await importOne(options, { file, interval })
      reports.push(json)
      if (!io.json) io.out(text)
    } catch (error) {
      if (error instanceof ImportRejected && !io.json) io.err(renderRejection(error.report))
      if (!(error instanceof PlatformError) || files.length === 1) throw error
      errors.push(error)
      if (!io.json) io.err(visible(error.message))
    }
  }
  if (errors.length > 0) throw summariseErrors(files, { errors, reports })
  if (io.json) io.out(JSON.stringify({ imported: reports }))
  return 0
}

const KINDS = ['base', 'mark', 'funding'] as const

/** What a file holds: as stated, else what its name says. */
function kindOf(text: string | undefined, file: string): (typeof KINDS)[number] {
  if (text === undefined) return isFundingName(file) ? 'funding' : /-mark-[^/]*$/.test(file) ? 'mark' : 'base'
  const kind = KINDS.find((one) => one === text)
  if (kind !== undefined) return kind
  throw new PlatformError('usage', `Cannot use kind "${visible(text)}": unknown, expected ${KINDS.join(', ')}`)
}

async function importOne(
  options: CandlesImportOptions,
  { file, interval }: { file: string; interval: Interval | undefined },
): Promise<{ json: Record<string, unknown>; text: string }> {
  const { symbol, map, timeFormat, tz } = options
  const kind = kindOf(options.kind, file)
  if (kind === 'funding') {
    const report = await importFunding(options.funding, { file, symbol, timeFormat, tz })
    return { json: fundingReportToJson(report), text: renderFunding(report) }
  }
  // Only perpetuals have mark prices
  const market = kind === 'mark' ? 'perpetual' : parseMarket(options.market)
  const archive = kind === 'mark' ? options.marks : options.archive
  const report = await importCsv(archive, { file, market, kind, symbol, interval, map, timeFormat, tz })
  return { json: { kind, ...reportToJson(report) }, text: renderReport(report, kind) }
}

function renderFunding(report: FundingReport): string {
  const range = `${formatUtc(report.first ?? 0)} to ${formatUtc(report.last ?? 0)}`
  return visible(
    `Imported funding of ${report.symbol}: ${report.rows} rows, ${range}, ${report.withMark} with mark price`,
  )
}

function summariseErrors(
  files: readonly string[],
  result: { errors: readonly PlatformError[]; reports: readonly Record<string, unknown>[] },
): PlatformError {
  const { errors, reports } = result
  const first = errors[0]!
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return new PlatformError(
    first.code,
    `Cannot import ${errors.length} of ${files.length} files; ${reports.length} were imported. First: ${first.message}${more}`,
    { hint: first.hint, details: { imported: reports, refused: errors.map((e) => e.toJSON()) } },
  )
}

function parseMarket(text: string | undefined): Market {
  const market = MARKETS.find((one) => one === (text ?? 'spot'))
  if (market !== undefined) return market
  throw new PlatformError(
    'usage',
    `Cannot use market "${visible(text ?? '')}": unknown, expected ${MARKETS.join(' or ')}`,
  )
}

function parseInterval(text: string | undefined): Interval | undefined {
  if (text === undefined) return undefined
  const interval = INTERVALS.find((one) => one === text)
  if (interval !== undefined) return interval
  throw new PlatformError(
    'usage',
    `Cannot use interval "${visible(text)}": unknown, expected one of ${INTERVALS.join(', ')}`,
  )
}

function renderReport(report: ImportReport, kind: 'base' | 'mark'): string {
  const { recognised, warnings } = report
  const delimiter = { ',': 'comma', ';': 'semicolon', '\t': 'tab' }[recognised.delimiter]
  const names = Object.entries(recognised.columns).map(([column, name]) =>
    name === null ? column : `${column}=${name}`,
  )
  const zone = recognised.zone === null ? '' : ` in ${recognised.zone}`
  const lines = [
    `Imported ${kind === 'mark' ? 'mark prices of ' : ''}${report.market} ${report.symbol} ${report.interval}: ${report.rows} bars, ${formatUtc(report.first ?? 0)} to ${formatUtc(report.last ?? 0)}`,
    `  recognised: ${recognised.source}${recognised.header ? '' : ' without header'}, ${delimiter}${recognised.compressed ? ', gzip' : ''}, time ${recognised.time}${zone}; ${names.join(', ')}`,
  ]
  if (recognised.ignored.length > 0) lines.push(`  not used: ${recognised.ignored.join(', ')}`)
  if (!('volume' in recognised.columns)) lines.push('  no volume column: volume is 0')
  lines.push(...renderGaps(report.gaps), ...renderFindings('warning', 'line', warnings))
  return lines.map(visible).join('\n')
}

function renderRejection(report: ImportReport): string {
  const lines = [
    `${report.file}: nothing was stored`,
    ...renderFindings('refusal', 'line', report.rejected),
    ...renderFindings('warning', 'line', report.warnings),
  ]
  return lines.map(visible).join('\n')
}

function renderGaps(gaps: GapSummary | null): string[] {
  if (gaps === null || gaps.longest === null) return []
  const { bars, from, to } = gaps.longest
  return [
    `  ${gaps.missing} bars missing in ${gaps.count} gaps (24/7), the longest ${bars} from ${formatUtc(from)} to ${formatUtc(to)}`,
  ]
}

function renderFindings(what: string, unit: string, found: Findings<string>): string[] {
  if (found.total === 0) return []
  const lines = [`  ${found.total} ${what}${found.total === 1 ? '' : 's'}: ${describeCounts(found)}`]
  for (const one of found.list.slice(0, SHOWN)) lines.push(`    ${unit} ${one.row}: ${one.kind}: ${one.message}`)
  if (found.total > SHOWN) lines.push(`    ${found.total - SHOWN} more; --json lists the first 1,000`)
  return lines
}

function formatTime(time: number | null): string {
  return time === null ? '-' : formatUtc(time)
}

/** Candles, mark prices and funding rows of a data directory. */
interface CandleStores {
  readonly archive: CandleArchive
  readonly marks: CandleArchive
  readonly funding: FundingArchive
}

function listingCells(what: string, one: CandleListing | FundingListing): string[] {
  const problem = one.problem === null ? '' : `damaged: ${visible(one.problem)}`
  return [one.symbol, what, String(one.rows), formatTime(one.first), formatTime(one.last), problem]
}

/** `hotcell candles list` */
export async function candlesList(options: CandleStores, io: CliIo): Promise<number> {
  const listings = await options.archive.list()
  const marks = await options.marks.list()
  const funding = await options.funding.list()
  if (io.json) {
    io.out(JSON.stringify({ candles: listings, marks, funding }))
    return 0
  }
  if (listings.length + marks.length + funding.length === 0) {
    io.out('No candles. Import with `hotcell candles import SYMBOL-INTERVAL.csv`')
    return 0
  }
  const rows = [
    ...listings.map((one) => [one.market, ...listingCells(one.interval, one)]),
    ...marks.map((one) => [one.market, ...listingCells(`mark ${one.interval}`, one)]),
    ...funding.map((one) => ['perpetual', ...listingCells('funding', one)]),
  ]
  io.out(renderTable(['market', 'symbol', 'interval', 'bars', 'first open', 'last open', ''], rows))
  return 0
}

export interface CandlesCheckOptions extends SeriesFlags {
  readonly archive: CandleArchive
}

/** `hotcell candles check [SYMBOL] [INTERVAL]`: reads every file whole; exit code 3 when one is damaged or breaks a data rule. */
export async function candlesCheck(options: CandlesCheckOptions, io: CliIo): Promise<number> {
  const market = options.market === undefined ? null : parseMarket(options.market)
  const interval = parseInterval(options.interval)
  const wanted = (await options.archive.list()).filter(
    (one) =>
      (market === null || one.market === market) &&
      (options.symbol === undefined || one.symbol === options.symbol) &&
      (interval === undefined || one.interval === interval),
  )
  if (wanted.length === 0 && options.symbol !== undefined) {
    const what = [options.market, options.symbol, options.interval].filter((part) => part !== undefined).join(' ')
    throw new PlatformError(
      'data_unavailable',
      `Cannot check "${visible(what)}": not in the archive, expected an imported series`,
    )
  }
  const checks: SeriesCheck[] = []
  for (const listing of wanted) checks.push(await checkOne(options.archive, listing))
  if (io.json) io.out(JSON.stringify({ checked: checks.map(checkToJson) }))
  else io.out(checks.length === 0 ? 'No candles to check' : checks.map(renderCheck).join('\n'))
  return checks.every((one) => one.problem === null && one.rejected?.total === 0) ? 0 : 3
}

interface SeriesCheck {
  readonly listing: CandleListing
  readonly problem: string | null
  readonly rejected: Findings<string> | null
  readonly warnings: Findings<string> | null
  readonly gaps: GapSummary | null
}

async function checkOne(archive: CandleArchive, listing: CandleListing): Promise<SeriesCheck> {
  const { market, symbol, interval } = listing
  const nothing = { listing, rejected: null, warnings: null, gaps: null }
  try {
    const series = await archive.load(market, symbol, interval)
    if (series === null) return { ...nothing, problem: 'the file was removed meanwhile' }
    const { rejected, warnings } = checkQuality(series)
    return {
      listing,
      problem: null,
      rejected,
      warnings,
      gaps: summariseGaps(series),
    }
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    return { ...nothing, problem: error.message }
  }
}

function checkToJson(check: SeriesCheck): unknown {
  const { listing, problem, rejected, warnings, gaps } = check
  const { market, symbol, interval, rows, first, last } = listing
  return {
    market,
    symbol,
    interval,
    rows,
    first,
    last,
    problem,
    rejected: rejected === null ? null : findingsToJson(rejected),
    warnings: warnings === null ? null : findingsToJson(warnings),
    gaps,
  }
}

function renderCheck(check: SeriesCheck): string {
  const { listing, problem, rejected, warnings, gaps } = check
  const name = `${listing.market} ${listing.symbol} ${listing.interval}`
  if (problem !== null || rejected === null || warnings === null) return visible(`${name}: ${problem ?? 'not read'}`)
  const head = `${name}: ${listing.rows} bars, ${rejected.total === 0 ? 'ok' : 'NOT USABLE'}`
  return [
    head,
    ...renderGaps(gaps),
    ...renderFindings('refusal', 'row', rejected),
    ...renderFindings('warning', 'row', warnings),
  ]
    .map(visible)
    .join('\n')
}
