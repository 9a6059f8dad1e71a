import type { Fill, Trade } from '../../../src/backtest/explanation.ts'
import { lowerBound } from '../../../src/backtest/window.ts'
import { intervalMs } from '../../../src/candles/interval.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import { drawdownSeries } from '../../../src/performance/drawdown.ts'
import type { Result } from '../../../src/protocol/result.ts'
import { visible } from '../../cli/visible.ts'
import { benchmarkName } from '../format.ts'
import type { EquityTable } from '../run-tables.ts'
import { bucketCandles, minMaxIndices } from './decimate.ts'

/**
 * Theory of operation. The page gets its columns as base64 of little-endian arrays in one JSON block: half the size of
 * digits, decoded in milliseconds. Times are whole minutes (all intervals are), so 32 bits hold them exactly. Lines are cut to 5,000
 * points that keep every extreme; candles of many symbols share a budget, so that 500 symbols give a file as small as one. Fills and
 * trades are exact, as many as are given; what is left out is counted and said.
 */

const MAX_POINTS = 5000
const MAX_CANDLES_ALL_SYMBOLS = 30_000
const MINUTE_MS = 60_000

export interface ReportInput {
  readonly result: Result
  /** Null: the run has no figures. */
  readonly equity: EquityTable | null
  /** Series of the run's symbols; rows outside the window are ignored, symbols may be missing. */
  readonly candles: readonly CandleSeries[]
  /** The first of those that the result counts. */
  readonly fills: readonly Fill[]
  readonly trades: readonly Trade[]
}

export interface ReportData {
  readonly symbols: readonly SymbolData[]
  readonly equity: Record<'t' | 'e' | 'b', string> | null
  readonly drawdown: Record<'t' | 'd', string> | null
  readonly fills: Readonly<Record<'t' | 'p' | 'q' | 's' | 'k' | 'r' | 'u', string>>
  readonly trades: Readonly<Record<'et' | 'xt' | 'q' | 'ep' | 'xp' | 'net' | 'fee' | 's' | 'n' | 'r', string>>
  readonly names: {
    readonly reasons: readonly string[]
    readonly rules: readonly string[]
    readonly symbols: readonly string[]
  }
  readonly counts: {
    readonly fills: number
    readonly fillsShown: number
    readonly trades: number
    readonly tradesShown: number
  }
  readonly window: { readonly start: number; readonly end: number } | null
  readonly barMs: number | null
  /** What stands beside the strategy. */
  readonly held: string
}

interface SymbolData {
  readonly symbol: string
  readonly bars: number
  readonly bucket: number
  readonly t: string
  readonly o: string
  readonly h: string
  readonly l: string
  readonly c: string
}

/** Everything the page's script draws and lists. */
export function buildReportData(input: ReportInput): ReportData {
  const { result, equity, candles, fills, trades } = input
  const symbols = result.config.symbols
  const reasons = namesOf()
  const rules = namesOf()
  const indexOfSymbol = new Map(symbols.map((symbol, index) => [symbol, index]))
  const symbolOf = ({ symbol }: { symbol: string }) => indexOfSymbol.get(symbol) ?? 0
  return {
    symbols: result.window === null ? [] : candleData(candles, result.window, symbols),
    equity: equity === null ? null : equityData(result, equity),
    drawdown: equity === null ? null : drawdownData(result, equity),
    fills: {
      t: minutes(fills.map((fill) => fill.time)),
      p: floats(fills.map((fill) => fill.price)),
      q: base64(Float32Array.from(fills, (fill) => fill.quantity)),
      s: base64(Uint16Array.from(fills, symbolOf)),
      k: base64(Uint8Array.from(fills, (fill) => (fill.side === 'buy' ? 0 : 1))),
      r: base64(Uint8Array.from(fills, (fill) => reasons.index(fill.reason))),
      u: base64(Uint8Array.from(fills, (fill) => rules.index(fill.why.rule))),
    },
    trades: {
      et: minutes(trades.map((trade) => trade.entryTime)),
      xt: minutes(trades.map((trade) => trade.exitTime)),
      q: floats(trades.map((trade) => trade.quantity)),
      ep: floats(trades.map((trade) => trade.entryPrice)),
      xp: floats(trades.map((trade) => trade.exitPrice)),
      net: floats(trades.map((trade) => trade.netPnl)),
      fee: floats(trades.map((trade) => trade.fees)),
      s: base64(Uint16Array.from(trades, symbolOf)),
      n: base64(Uint16Array.from(trades, (trade) => trade.exits.length)),
      r: base64(Uint8Array.from(trades, (trade) => reasons.index(trade.exits.at(-1)?.reason ?? 'none'))),
    },
    names: { reasons: reasons.list, rules: rules.list, symbols: symbols.map(visible) },
    counts: {
      fills: result.fills?.rows ?? 0,
      fillsShown: fills.length,
      trades: result.trades?.rows ?? 0,
      tradesShown: trades.length,
    },
    window: result.window === null ? null : { start: result.window.start, end: result.window.end },
    barMs: intervalMs(result.config.interval),
    held: benchmarkName(result.benchmark),
  }
}

function candleData(
  candles: readonly CandleSeries[],
  window: NonNullable<Result['window']>,
  symbols: readonly string[],
): SymbolData[] {
  const perSymbol = Math.min(
    MAX_POINTS,
    Math.max(60, Math.floor(MAX_CANDLES_ALL_SYMBOLS / Math.max(1, candles.length))),
  )
  const known = new Set(symbols)
  const data: SymbolData[] = []
  for (const series of candles) {
    if (!known.has(series.symbol)) continue
    const from = lowerBound(series.time, series.rows, window.start)
    const rows = lowerBound(series.time, series.rows, window.end)
    if (rows <= from) continue
    const { bucket, time, open, high, low, close } = bucketCandles({ ...series, rows }, from, perSymbol)
    const columns = { t: minutes(time), o: base64(open), h: base64(high), l: base64(low), c: base64(close) }
    data.push({ symbol: visible(series.symbol), bars: rows - from, bucket, ...columns })
  }
  return data
}

function equityData(result: Result, table: EquityTable): ReportData['equity'] {
  const start = result.window?.start ?? table.time[0]!
  const cash = result.config.initialCash
  const [time, equity, benchmark] = [
    withFirst(table.time, start),
    withFirst(table.equity, cash),
    withFirst(table.benchmark, cash),
  ]
  const kept = minMaxIndices([equity, benchmark], MAX_POINTS)
  return { t: minutes(pick(time, kept)), e: base64(pick(equity, kept)), b: base64(pick(benchmark, kept)) }
}

function drawdownData(result: Result, table: EquityTable): ReportData['drawdown'] {
  const drawdown = withFirst(drawdownSeries(result.config.initialCash, table.equity), 0)
  const time = withFirst(table.time, result.window?.start ?? table.time[0]!)
  const kept = minMaxIndices([drawdown], MAX_POINTS)
  return { t: minutes(pick(time, kept)), d: base64(pick(drawdown, kept)) }
}

function withFirst(values: Float64Array, first: number): Float64Array {
  const all = new Float64Array(values.length + 1)
  all[0] = first
  all.set(values, 1)
  return all
}

function pick(values: Float64Array, indices: Uint32Array): Float64Array {
  return Float64Array.from(indices, (index) => values[index]!)
}

function minutes(times: ArrayLike<number>): string {
  return base64(Uint32Array.from(times, (time) => Math.round(time / MINUTE_MS)))
}

function floats(values: ArrayLike<number>): string {
  return base64(Float64Array.from(values))
}

function base64(values: Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

/** Numbers words in order of their first use. */
function namesOf(): { list: string[]; index: (name: string) => number } {
  const list: string[] = []
  const indices = new Map<string, number>()
  return {
    list,
    index(name) {
      const known = indices.get(name)
      if (known !== undefined) return known
      indices.set(name, list.length)
      return list.push(name) - 1
    },
  }
}
