import type { Explanation } from '../backtest/explanation.ts'
import type { RecordReason } from '../backtest/records.ts'
import type { Window } from '../backtest/window.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { RunConfig } from '../protocol/run-config.ts'
import { buyAndHoldEquity } from './buy-and-hold.ts'
import type { DailySeries } from './daily-series.ts'
import { equityMetrics, type EquityInput, type EquityMetrics } from './equity-metrics.ts'
import { EPSILON } from './metric.ts'
import { tradeMetrics, type TradeCounts, type TradeMetrics } from './trade-metrics.ts'

/** Daily periods per year of the 24/7 calendar. */
const PERIODS_24_7 = 365

export interface RunCounts extends TradeCounts {
  readonly fills: number
  readonly orders: number
  readonly openLots: number
  readonly refusals: number
  /** Over all fills, quote currency. */
  readonly fees: number
  readonly slippage: number
  readonly realised: number
}

export interface RunSummary {
  readonly initialCash: number
  readonly finalEquity: number
  readonly finalCash: number
  readonly metrics: EquityMetrics & TradeMetrics
  readonly counts: RunCounts
  readonly refusalsByReason: readonly { readonly reason: RecordReason; readonly count: number }[]
  readonly daily: DailySeries
}

export interface BenchmarkSummary {
  readonly finalEquity: number
  readonly metrics: EquityMetrics
  readonly daily: DailySeries
  /** At the close of each base bar, aligned with the run's equity. */
  readonly equity: Float64Array
}

export type SummaryConfig = Pick<RunConfig, 'interval' | 'initialCash' | 'metrics'>

/** Metrics and counts of a run from its equity at each base bar and its explanation. */
export function summariseRun(options: {
  config: SummaryConfig
  window: Window
  equity: Float64Array
  explanation: Explanation
}): RunSummary {
  const { config, explanation } = options
  const { metrics, daily } = equityMetrics(equityInput(options))
  const netPnl = Float64Array.from(explanation.trades, (trade) => trade.netPnl)
  const ofTrades = tradeMetrics(netPnl, config.initialCash)
  const zero = EPSILON * config.initialCash
  const money = (sum: number) => (Math.abs(sum) <= zero ? 0 : sum)
  return {
    initialCash: config.initialCash,
    finalEquity: daily.equity.at(-1)!,
    finalCash: explanation.finalCash,
    metrics: { ...metrics, ...ofTrades.metrics },
    counts: {
      ...ofTrades.counts,
      fills: explanation.fills.length,
      orders: explanation.orders.length,
      openLots: explanation.lots.length,
      refusals: explanation.refusals.length,
      fees: money(explanation.totals.fees),
      slippage: money(explanation.totals.slippage),
      realised: money(explanation.totals.realised),
    },
    refusalsByReason: explanation.refusalsByReason,
    daily,
  }
}

/** Buy-and-hold of the run's symbols over the same window, with the same A and risk-free rate. */
export function summariseBenchmark(options: {
  config: SummaryConfig
  window: Window
  series: readonly CandleSeries[]
}): BenchmarkSummary {
  const { config, window, series } = options
  const { interval, initialCash } = config
  const equity = buyAndHoldEquity({ interval, window, initialCash, series })
  const { metrics, daily } = equityMetrics(equityInput({ config, window, equity }))
  return { finalEquity: daily.equity.at(-1)!, metrics, daily, equity }
}

function equityInput(options: { config: SummaryConfig; window: Window; equity: Float64Array }): EquityInput {
  const { config, window, equity } = options
  return {
    interval: config.interval,
    window,
    initialCash: config.initialCash,
    equity,
    periodsPerYear: config.metrics.periodsPerYear ?? PERIODS_24_7,
    riskFree: config.metrics.riskFree,
  }
}
