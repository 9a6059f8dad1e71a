import { loadedRows, resolveWindow, type Window } from '../../src/backtest/window.ts'
import { checkGaps, type GapReport } from '../../src/candles/gaps.ts'
import { type CandleSeries, sliceSeries } from '../../src/candles/series.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import type { CandleArchive } from '../candles/archive.ts'

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
  /** Of the series, in their order. */
  readonly instruments: readonly (Instrument | null)[]
  readonly gaps: readonly GapReport[]
}

/** All rows that the archive has of a run's symbols, in config order. */
export async function loadArchived(
  archive: CandleArchive,
  config: RunConfig,
): Promise<{ ok: true; series: CandleSeries[] } | { ok: false; refusal: DataRefusal }> {
  const loaded = await Promise.all(config.symbols.map((symbol) => archive.load(config.market, symbol, config.interval)))
  const missing = config.symbols.filter((_, index) => loaded[index] === null)
  if (missing.length > 0) {
    const message = `Cannot load ${config.interval} candles of ${missing.slice(0, 10).join(', ')}: not in the archive`
    return {
      ok: false,
      refusal: {
        reason: 'unknown_symbol',
        message,
        hint: 'Import them with `hotcell candles import FILE`; `hotcell candles list` shows what there is',
      },
    }
  }
  return { ok: true, series: loaded.filter((series) => series !== null) }
}

/** The window of a run and exactly the rows that belong to it, once the strategy has said its lookback (P1, T5). */
export function cutToRun(
  config: RunConfig,
  traded: Pick<RunData, 'series' | 'instruments'>,
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
  return { ok: true, data: { window, lookback, series, instruments: traded.instruments, gaps } }
}

/** Bytes of candles that a run sends. */
export function candleBytes(series: readonly CandleSeries[]): number {
  return series.reduce((sum, one) => sum + one.rows * 6 * 8, 0)
}
