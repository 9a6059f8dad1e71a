import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { packDecisions } from '../../../src/backtest/decision-codec.ts'
import type { DecisionRow } from '../../../src/backtest/decision-log.ts'
import { playTimeline, type TimelineInput, type TimelineOutput } from '../../../src/backtest/play-timeline.ts'
import { resolveWindow } from '../../../src/backtest/window.ts'
import type { Interval } from '../../../src/candles/interval.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { Instrument } from '../../../src/instruments/instrument.ts'
import { DEFAULT_EXECUTION } from '../../../src/protocol/profiles.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'

export type Bar = readonly [open: number, high: number, low: number, close: number, volume?: number]

export const DAY = 86_400_000

/** A daily series from day 0 on; null: no bar that day. */
export function seriesOf(symbol: string, bars: readonly (Bar | null)[]): CandleSeries {
  const rows = bars.flatMap((bar, day) => (bar === null ? [] : [{ day, bar }]))
  const column = (pick: (row: (typeof rows)[number]) => number): Float64Array => Float64Array.from(rows, pick)
  return {
    symbol,
    interval: '1d',
    rows: rows.length,
    time: column(({ day }) => day * DAY),
    open: column(({ bar }) => bar[0]),
    high: column(({ bar }) => bar[1]),
    low: column(({ bar }) => bar[2]),
    close: column(({ bar }) => bar[3]),
    volume: column(({ bar }) => bar[4] ?? 1),
  }
}

export interface ConfigOverrides {
  readonly interval?: Interval
  readonly initialCash?: number
  readonly fee?: number
  readonly maker?: number
  readonly bps?: number
  readonly percent?: number
  readonly max?: number
  readonly endOfData?: 'open' | 'close'
  readonly execution?: Partial<RunConfig['execution']>
}

export function configOf(symbols: readonly string[], overrides: ConfigOverrides = {}): RunConfig {
  const fee = overrides.fee ?? 0
  return {
    strategy: { builtin: 'BuyAndHold', params: {} },
    files: [],
    market: 'spot',
    symbols,
    interval: overrides.interval ?? '1d',
    start: null,
    end: null,
    initialCash: overrides.initialCash ?? 10_000,
    fee: { builtin: 'percent', params: { maker: overrides.maker ?? fee, taker: fee } },
    slippage: { builtin: 'bps', params: { bps: overrides.bps ?? 0 } },
    sizing: { builtin: 'percentOfEquity', params: { percent: overrides.percent ?? 100 / symbols.length } },
    capacity: { builtin: 'maxPositions', params: { max: overrides.max ?? symbols.length } },
    risk: { builtin: 'none', params: {} },
    fill: 'worst',
    profile: 'hotcell/v1',
    endOfData: overrides.endOfData ?? 'open',
    execution: { ...DEFAULT_EXECUTION, ...overrides.execution },
    data: { gaps: 'mark', maxSyntheticShare: 1, maxGapBars: 1e6 },
    metrics: { periodsPerYear: null, riskFree: 0 },
    seed: '0',
    args: {},
  }
}

export type Ask = Omit<DecisionRow, 'unit' | 'sequence' | 'symbol'> & { symbol?: number; sequence?: number }

export interface Play {
  readonly series: readonly CandleSeries[]
  readonly asks: readonly Ask[]
  readonly config?: ConfigOverrides
  readonly lookback?: number
  readonly instruments?: readonly (Instrument | null)[]
}

export function inputOf({ series, asks, config, lookback = 0, instruments }: Play): TimelineInput {
  const runConfig = configOf(
    series.map((one) => one.symbol),
    config,
  )
  const window = resolveWindow({ interval: runConfig.interval, start: null, end: null, lookback, series })
  if (window === null) throw new Error('the fixture has no window')
  const rows = asks.map((ask) => ({ unit: ask.symbol ?? 0, symbol: 0, sequence: 0, ...ask }))
  return {
    config: runConfig,
    series,
    window,
    lookback,
    instruments: instruments ?? series.map(() => null),
    decisions: packDecisions(rows),
  }
}

export function play(options: Play): TimelineOutput {
  return playTimeline(inputOf(options))
}

/** Candles of the shared test data, or null where they are not on this machine. */
export function loadCsv(path: string, symbol: string, interval: Interval): CandleSeries | null {
  const file = `${process.env['HOTCELL_TEST_DATA'] ?? '../shared/data'}/${path}`
  if (!existsSync(file)) return null
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n').slice(1)
  const table = lines.map((line) => line.split(',').map(Number))
  const column = (index: number): Float64Array => Float64Array.from(table, (row) => row[index]!)
  return {
    symbol,
    interval,
    rows: table.length,
    time: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  }
}

/** BUY when SMA(fast) crosses above SMA(slow) at the close, SELL when below; lookback slow. */
export function smaCrossover(close: Float64Array, fast: number, slow: number): Ask[] {
  const mean = (end: number, length: number): number => {
    let sum = 0
    for (let i = end - length + 1; i <= end; i++) sum += close[i]!
    return sum / length
  }
  const asks: Ask[] = []
  for (let bar = slow; bar < close.length; bar++) {
    const before = mean(bar - 1, fast) - mean(bar - 1, slow)
    const now = mean(bar, fast) - mean(bar, slow)
    if (before <= 0 && now > 0) asks.push({ bar, signal: 'BUY' })
    if (before >= 0 && now < 0) asks.push({ bar, signal: 'SELL' })
  }
  return asks
}
