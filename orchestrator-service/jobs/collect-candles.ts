import { loadedRows, lowerBound, resolveWindow, type Window } from '../../src/backtest/window.ts'
import { checkGaps, type GapReport } from '../../src/candles/gaps.ts'
import { type FundingSeries, sliceFunding } from '../../src/candles/funding-series.ts'
import { INTERVALS, type Interval } from '../../src/candles/interval.ts'
import { isUsableMark } from '../../src/portfolio/mark-columns.ts'
import { type CandleSeries, sliceSeries } from '../../src/candles/series.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import type { CandleArchive } from '../candles/archive.ts'
import type { Stores } from '../deps.ts'

/** Why a run cannot have its data: an outcome, not an exception. */
export interface DataRefusal {
  readonly reason: 'unknown_symbol' | 'empty_range' | 'gaps'
  readonly message: string
  readonly hint: string
}

export interface RunData {
  readonly window: Window
  readonly lookback: number
  /** Loaded rows (lookback and window) of the symbols that are traded, sorted. */
  readonly series: readonly CandleSeries[]
  /** Perpetuals: mark candles and funding rows of the window, in the order of the series; null: there are none. */
  readonly marks: readonly (CandleSeries | null)[]
  readonly funding: readonly (FundingSeries | null)[]
  /** Detail candles of the window, likewise. */
  readonly detail: readonly (CandleSeries | null)[]
  /** Of the series, in their order. */
  readonly instruments: readonly (Instrument | null)[]
  readonly gaps: readonly GapReport[]
}

/** All rows that the archive has of a run's symbols, in config order; null: none of that symbol. */
export interface ArchivedData {
  readonly series: readonly CandleSeries[]
  readonly marks: readonly (CandleSeries | null)[]
  readonly funding: readonly (FundingSeries | null)[]
  readonly detail: readonly (CandleSeries | null)[]
}

export type ArchivedStores = Pick<Stores, 'archive' | 'marks' | 'funding'>

/** Loads it. */
export async function loadArchived(
  stores: ArchivedStores,
  config: RunConfig,
): Promise<{ ok: true; archived: ArchivedData } | { ok: false; refusal: DataRefusal }> {
  const { archive } = stores
  const loaded = await Promise.all(config.symbols.map((symbol) => archive.load(config.market, symbol, config.interval)))
  const missing = config.symbols.filter((_, index) => loaded[index] === null)
  if (missing.length > 0) return { ok: false, refusal: notArchived(missing, config.interval) }
  const series = loaded.filter((one) => one !== null)
  const { detailInterval } = config
  const detail =
    detailInterval === undefined
      ? nothing(series)
      : await Promise.all(config.symbols.map((symbol) => archive.load(config.market, symbol, detailInterval)))
  const plain = config.symbols.filter((_, index) => detail[index] === null)
  if (detailInterval !== undefined && plain.length > 0) {
    return { ok: false, refusal: notArchived(plain, detailInterval) }
  }
  if (config.perpetual === undefined)
    return { ok: true, archived: { series, marks: nothing(series), funding: nothing(series), detail } }
  return await loadPerpetual(stores, config, { series, detail })
}

function notArchived(symbols: readonly string[], interval: Interval): DataRefusal {
  return {
    reason: 'unknown_symbol',
    message: `Cannot load ${interval} candles of ${symbols.slice(0, 10).join(', ')}: not in the archive`,
    hint: 'Import them with `hotcell candles import FILE`; `hotcell candles list` shows what there is',
  }
}

function nothing(series: readonly CandleSeries[]): null[] {
  return series.map(() => null)
}

/** What only perpetuals have: marks where there are some, funding rows of every symbol unless the configuration says otherwise. */
async function loadPerpetual(
  stores: ArchivedStores,
  config: RunConfig,
  { series, detail }: Pick<ArchivedData, 'series' | 'detail'>,
): Promise<{ ok: true; archived: ArchivedData } | { ok: false; refusal: DataRefusal }> {
  const { mark, funding: plan } = config.perpetual!
  const marks = mark === 'last' ? nothing(series) : await Promise.all(series.map((one) => loadMarks(stores.marks, one)))
  const funding =
    plan === 'none'
      ? nothing(series)
      : await Promise.all(config.symbols.map(async (symbol) => await stores.funding.load(symbol)))
  const missing = plan === 'data' ? config.symbols.filter((_, index) => funding[index] === null) : []
  if (missing.length === 0) return { ok: true, archived: { series, marks, funding, detail } }
  const message = `Cannot load funding rows of ${missing.slice(0, 10).join(', ')}: not in the archive`
  return {
    ok: false,
    refusal: {
      reason: 'unknown_symbol',
      message,
      hint: 'Import them with `hotcell candles import --kind funding FILE`, or set perpetual.funding to "none" or to {"everyHours": 8, "rate": 0.0001}',
    },
  }
}

/** The longest mark candles that can stand for the bars of a series. */
async function loadMarks(archive: CandleArchive, { symbol, interval }: CandleSeries): Promise<CandleSeries | null> {
  const usable = INTERVALS.filter((one) => isUsableMark(interval, one)).reverse()
  for (const one of usable) {
    const found = await archive.load('perpetual', symbol, one)
    if (found !== null) return found
  }
  return null
}

/** The window of a run and exactly the rows that belong to it, once the strategy has said its lookback (P1, T5). */
export function cutToRun(
  config: RunConfig,
  traded: Pick<RunData, 'series' | 'instruments' | 'marks' | 'funding' | 'detail'>,
  lookback: number,
): { ok: true; data: RunData } | { ok: false; refusal: DataRefusal } {
  const { interval, start, end } = config
  const window = resolveWindow({ interval, start, end, lookback, series: traded.series })
  const cut =
    window === null ? [] : traded.series.map((series) => ({ series, ...loadedRows(series, window, lookback) }))
  const empty = cut.find(({ from, to, firstInWindow }) => to - from <= firstInWindow)
  if (window === null || empty !== undefined) {
    const what = empty === undefined ? `the ${traded.series.length} symbols` : empty.series.symbol
    const message = `Cannot run on ${what}: no ${interval} bar lies between start and end after a lookback of ${lookback} bars`
    return {
      ok: false,
      refusal: {
        reason: 'empty_range',
        message,
        hint: 'Choose an earlier start, a later end or a shorter lookback; `hotcell candles list` shows the range',
      },
    }
  }
  const series = cut.map(({ series, from, to }) => sliceSeries(series, from, to))
  const gaps: GapReport[] = []
  for (const one of series) {
    const report = checkGaps(one, window, config.data)
    if (!report.ok) {
      return {
        ok: false,
        refusal: {
          reason: 'gaps',
          message: report.message,
          hint: 'Fill the gap, choose another range, or raise data.maxSyntheticShare or data.maxGapBars',
        },
      }
    }
    gaps.push(report)
  }
  const marks = traded.marks.map((one) => (one === null ? null : sliceSeries(one, ...rowsWithin(one, window))))
  const funding = traded.funding.map((one) => (one === null ? null : sliceFunding(one, ...rowsWithin(one, window))))
  const detail = traded.detail.map((one) => (one === null ? null : sliceSeries(one, ...rowsWithin(one, window))))
  const { instruments } = traded
  return { ok: true, data: { window, lookback, series, marks, funding, detail, instruments, gaps } }
}

function rowsWithin({ time, rows }: { time: Float64Array; rows: number }, window: Window): [number, number] {
  return [lowerBound(time, rows, window.start), lowerBound(time, rows, window.end)]
}

/** Bytes of candles that a run sends. */
export function candleBytes(series: readonly CandleSeries[]): number {
  return series.reduce((sum, one) => sum + one.rows * 6 * 8, 0)
}
