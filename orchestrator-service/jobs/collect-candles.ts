import type { TimelineData } from '../../src/backtest/timeline-data.ts'
import { loadedRows, lowerBound, resolveWindow, type Window } from '../../src/backtest/window.ts'
import { checkGaps, type GapReport } from '../../src/candles/gaps.ts'
import { sliceFunding } from '../../src/candles/funding-series.ts'
import { INTERVALS, type Interval } from '../../src/candles/interval.ts'
import { benchmarkRows } from '../../src/performance/held-symbol.ts'
import { isUsableMark } from '../../src/portfolio/mark-columns.ts'
import { type CandleSeries, sliceSeries } from '../../src/candles/series.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import type { CandleArchive } from '../candles/archive.ts'
import type { Stores } from '../deps.ts'

/** Why a run cannot have its data: an outcome, not an exception. */
export interface DataRefusal {
  readonly reason: 'unknown_symbol' | 'empty_range' | 'gaps'
  readonly message: string
  readonly hint: string
}

export interface RunData extends TimelineData {
  /** Rows of the benchmark in the window; null: none of its own. */
  readonly benchmark: CandleSeries | null
  readonly gaps: readonly GapReport[]
}

/** All rows that the archive has of a run's symbols, in config order; null: none of that symbol. */
export type ArchivedData = Pick<RunData, 'series' | 'marks' | 'funding' | 'detail' | 'benchmark'>

export type ArchivedStores = Pick<Stores, 'archive' | 'marks' | 'funding'>

type Loaded = { ok: true; archived: ArchivedData } | { ok: false; refusal: DataRefusal }

/** Loads it. */
export async function loadArchived(stores: ArchivedStores, config: RunConfig): Promise<Loaded> {
  const { archive } = stores
  const loaded = await loadEach(config.symbols, (symbol) => archive.load(config.market, symbol, config.interval))
  const missing = config.symbols.filter((_, index) => loaded[index] === null)
  if (missing.length > 0) return absent(config.interval, missing)
  const series = loaded.filter((one) => one !== null)
  const { detailInterval } = config
  const detail =
    detailInterval === undefined
      ? nothing(series)
      : await loadEach(config.symbols, (symbol) => archive.load(config.market, symbol, detailInterval))
  const plain = config.symbols.filter((_, index) => detail[index] === null)
  if (detailInterval !== undefined && plain.length > 0) return absent(detailInterval, plain)
  const benchmark = await loadBenchmark(archive, config)
  if (config.benchmark !== undefined && benchmark === null)
    return absent(config.benchmark.interval, [config.benchmark.symbol])
  if (config.perpetual === undefined)
    return { ok: true, archived: { series, marks: nothing(series), funding: nothing(series), detail, benchmark } }
  return await loadPerpetual(stores, config, { series, detail, benchmark })
}

/** Two at a time: one is read while the other is hashed, and the event loop has its turns however many there are. */
async function loadEach<T, R>(items: readonly T[], load: (item: T) => Promise<R>): Promise<R[]> {
  const loaded: R[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      try {
        loaded[at] = await load(items[at]!)
      } catch (error) {
        // The other lane need not read what nobody takes any more
        next = items.length
        throw error
      }
    }
  }
  await Promise.all([lane(), lane()])
  return loaded
}

function absent(interval: Interval, symbols: readonly string[]): Loaded {
  const message = `Cannot load ${interval} candles of ${symbols.slice(0, 10).join(', ')}: not in the archive`
  const hint = 'Import them with `hotcell candles import FILE`; `hotcell candles list` shows what there is'
  return { ok: false, refusal: { reason: 'unknown_symbol', message, hint } }
}

/** Of the run's own market, else of the spot market: an index or a share is no perpetual. */
async function loadBenchmark(archive: CandleArchive, { benchmark, market }: RunConfig): Promise<CandleSeries | null> {
  if (benchmark === undefined) return null
  const { symbol, interval } = benchmark
  const found = await archive.load(market, symbol, interval)
  return found === null && market !== 'spot' ? await archive.load('spot', symbol, interval) : found
}

function nothing(series: readonly CandleSeries[]): null[] {
  return series.map(() => null)
}

/** What only perpetuals have: marks where there are some, funding rows of every symbol unless the configuration says otherwise. */
async function loadPerpetual(
  stores: ArchivedStores,
  config: RunConfig,
  { series, detail, benchmark }: Pick<ArchivedData, 'series' | 'detail' | 'benchmark'>,
): Promise<Loaded> {
  const { mark, funding: plan } = config.perpetual!
  const marks = mark === 'last' ? nothing(series) : await loadEach(series, (one) => loadMarks(stores.marks, one))
  const funding =
    plan === 'none' ? nothing(series) : await loadEach(config.symbols, (symbol) => stores.funding.load(symbol))
  const missing = plan === 'data' ? config.symbols.filter((_, index) => funding[index] === null) : []
  if (missing.length === 0) return { ok: true, archived: { series, marks, funding, detail, benchmark } }
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

/** What is known of the symbols that are traded, before the window is. */
export type TradedData = Pick<RunData, 'series' | 'instruments' | 'marks' | 'funding' | 'detail' | 'benchmark'>

/** The window of a run and exactly the rows that belong to it, once the strategy has said its lookback (P1, T5). */
export function cutToRun(
  config: RunConfig,
  traded: TradedData,
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
  const benchmark = traded.benchmark === null ? null : benchmarkRows(traded.benchmark, window)
  if (benchmark?.rows === 0) return { ok: false, refusal: emptyBenchmark(benchmark) }
  const { instruments } = traded
  return { ok: true, data: { window, lookback, series, marks, funding, detail, benchmark, instruments, gaps } }
}

function emptyBenchmark({ symbol, interval }: CandleSeries): DataRefusal {
  const message = `Cannot compare with ${symbol}: none of its ${interval} bars lies between start and end`
  return { reason: 'empty_range', message, hint: 'Choose another benchmark or import more of its candles' }
}

function rowsWithin({ time, rows }: { time: Float64Array; rows: number }, window: Window): [number, number] {
  return [lowerBound(time, rows, window.start), lowerBound(time, rows, window.end)]
}

/** Bytes of candles that a run sends. */
export function candleBytes(series: readonly CandleSeries[]): number {
  return series.reduce((sum, one) => sum + one.rows * 6 * 8, 0)
}
