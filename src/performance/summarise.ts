import type { Explanation, RefusalCount } from '../backtest/explanation.ts'
import type { Window } from '../backtest/window.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { RunConfig } from '../protocol/run-config.ts'
import { buyAndHoldEquity } from './buy-and-hold.ts'
import { benchmarkDays, heldSymbolEquity } from './held-symbol.ts'
import { benchmarkMetrics, type BenchmarkMetrics } from './benchmark-metrics.ts'
import { bootstrapIntervals, MIN_BOOTSTRAP_RETURNS } from './bootstrap.ts'
import { type DailySeries, returnsOf } from './daily-series.ts'
import { excessReturns, equityMetrics, type EquityInput, type EquityMetrics } from './equity-metrics.ts'
import { exposureOf, type MarkOf } from './exposure.ts'
import { EPSILON, metricOf, missingMetric, type Metric, type MetricReason } from './metric.ts'
import type { RandomStream } from '../math/random.ts'
import { tradeMetrics, type TradeCounts, type TradeMetrics } from './trade-metrics.ts'

/** Daily periods per year of the 24/7 calendar. */
export const PERIODS_24_7 = 365

export interface RunCounts extends TradeCounts {
  readonly fills: number
  readonly orders: number
  readonly openLots: number
  readonly refusals: number
  /** Over all fills, quote currency. */
  readonly fees: number
  readonly slippage: number
  readonly realised: number
  /** Received less paid; how many payments; isolated positions that were liquidated; what clamps at 0 gave (C3). */
  readonly funding: number
  readonly fundingPayments: number
  readonly liquidations: number
  readonly writtenOff: number
}

const CONFIDENCE = ['sharpe_ci_low', 'sharpe_ci_high', 'total_return_ci_low', 'total_return_ci_high'] as const
type ConfidenceMetrics = Readonly<Record<(typeof CONFIDENCE)[number], Metric>>

export type RunMetrics = EquityMetrics &
  TradeMetrics &
  BenchmarkMetrics &
  ConfidenceMetrics &
  Readonly<Record<'exposure' | 'gross_exposure' | 'dsr', Metric>>

export interface RunSummary {
  readonly initialCash: number
  readonly finalEquity: number
  readonly finalCash: number
  readonly metrics: RunMetrics
  readonly counts: RunCounts
  readonly refusalsByReason: readonly RefusalCount[]
  readonly daily: DailySeries
}

export interface BenchmarkSummary {
  readonly finalEquity: number
  readonly metrics: EquityMetrics
  readonly daily: DailySeries
  /** At the close of each base bar, aligned with the run's equity. */
  readonly equity: Float64Array
  /** A benchmark of its own: starts of the days on which it has a bar; null: all days of the window. */
  readonly days: Float64Array | null
}

export type SummaryConfig = Pick<RunConfig, 'interval' | 'initialCash' | 'metrics'>

/**
 * Metrics and counts of a run from its equity at each base bar, its explanation and its benchmark. `random`: the stream
 * (seed, 'bootstrap/v1').
 */
export function summariseRun(options: {
  config: SummaryConfig
  window: Window
  equity: Float64Array
  explanation: Explanation
  benchmark: BenchmarkSummary
  random: RandomStream
  /** Perpetuals: what positions are marked by. */
  marks: MarkOf | null
}): RunSummary {
  const { config, explanation, benchmark } = options
  const input = equityInput(options)
  const figures = equityMetrics(input)
  const { metrics, daily, ratio } = figures
  const exposure = exposureOf(input, explanation.fills, options.marks)
  const days = daily.equity.length - 1
  const netPnl = Float64Array.from(explanation.trades, (trade) => trade.netPnl)
  const ofTrades = tradeMetrics(netPnl, config.initialCash)
  const zero = EPSILON * config.initialCash
  const money = (sum: number) => (Math.abs(sum) <= zero ? 0 : sum)
  return {
    initialCash: config.initialCash,
    finalEquity: daily.equity.at(-1)!,
    finalCash: explanation.finalCash,
    metrics: {
      ...metrics,
      // A single run knows of no other trials; a comparison does
      dsr: missingMetric('dsr', 'no_trials', { n: days }),
      ...confidence(input, daily, { ratio, random: options.random }),
      ...benchmarkMetrics({ run: figures, benchmark, rates: input }),
      exposure: metricOf('exposure', exposure.held, { n: options.equity.length }),
      gross_exposure: metricOf('gross_exposure', exposure.gross, { n: options.equity.length }),
      ...ofTrades.metrics,
    },
    counts: {
      ...ofTrades.counts,
      fills: explanation.fills.length,
      orders: explanation.orders.length,
      openLots: explanation.lots.length,
      refusals: explanation.refusals.length,
      fees: money(explanation.totals.fees),
      slippage: money(explanation.totals.slippage),
      realised: money(explanation.totals.realised),
      funding: money(explanation.totals.funding),
      fundingPayments: explanation.funding.length,
      liquidations: explanation.liquidations.length,
      writtenOff: money(explanation.totals.writtenOff),
    },
    refusalsByReason: explanation.refusalsByReason,
    daily,
  }
}

function confidence(
  input: EquityInput,
  daily: DailySeries,
  { ratio, random }: { ratio: MetricReason | null; random: RandomStream },
): ConfidenceMetrics {
  const n = daily.equity.length - 1
  const ofSharpe = { n, A: input.periodsPerYear, rf: input.riskFree }
  const missing = (reason: MetricReason): ConfidenceMetrics => ({
    sharpe_ci_low: missingMetric('sharpe_ci_low', reason, ofSharpe),
    sharpe_ci_high: missingMetric('sharpe_ci_high', reason, ofSharpe),
    total_return_ci_low: missingMetric('total_return_ci_low', reason, { n }),
    total_return_ci_high: missingMetric('total_return_ci_high', reason, { n }),
  })
  if (ratio !== null || n < MIN_BOOTSTRAP_RETURNS) return missing(ratio ?? 'few_returns')
  const returns = returnsOf(daily.equity)
  const excess = excessReturns(returns, input)
  const intervals = bootstrapIntervals({ returns, excess, periodsPerYear: input.periodsPerYear, random })
  if (intervals.sharpe === null) return missing('zero_vol')
  return {
    sharpe_ci_low: metricOf('sharpe_ci_low', intervals.sharpe.low, ofSharpe),
    sharpe_ci_high: metricOf('sharpe_ci_high', intervals.sharpe.high, ofSharpe),
    total_return_ci_low: metricOf('total_return_ci_low', intervals.totalReturn.low, { n }),
    total_return_ci_high: metricOf('total_return_ci_high', intervals.totalReturn.high, { n }),
  }
}

/**
 * The benchmark over the same window, with the same A and risk-free rate: a symbol of its own (its benchmarkRows), or
 * buy-and-hold of the run's symbols where there is none.
 */
export function summariseBenchmark(options: {
  config: SummaryConfig
  window: Window
  series: readonly CandleSeries[]
  benchmark: CandleSeries | null
}): BenchmarkSummary {
  const { config, window, series, benchmark } = options
  const { interval, initialCash } = config
  const equity =
    benchmark === null
      ? buyAndHoldEquity({ interval, window, initialCash, series })
      : heldSymbolEquity({ interval, window, initialCash, series: benchmark })
  const { metrics, daily } = equityMetrics(equityInput({ config, window, equity }))
  const days = benchmark === null ? null : benchmarkDays(benchmark)
  return { finalEquity: daily.equity.at(-1)!, metrics, daily, equity, days }
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
