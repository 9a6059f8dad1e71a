import type { Interval } from '../candles/interval.ts'
import type { Window } from '../backtest/window.ts'
import { PlatformError } from '../errors.ts'
import { pow } from '../math/pow.ts'
import { dailySeries, returnsOf, type DailySeries } from './daily-series.ts'
import { longestDrawdown, maxDrawdown, ulcerIndex } from './drawdown.ts'
import { EPSILON, metricOf, missingMetric, type Metric, type MetricName, type MetricReason } from './metric.ts'
import { probabilisticSharpe } from './sharpe-tests.ts'
import { meanOf, sampleDeviation } from './statistics.ts'

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS
const MIN_WINDOW_MS = 30 * DAY_MS
/** Fewer returns give no ratio. */
export const MIN_RETURNS = 20

export const EQUITY_METRICS = [
  'total_return',
  'cagr',
  'volatility',
  'sharpe',
  'sortino',
  'max_drawdown',
  'drawdown_duration',
  'calmar',
  'ulcer',
  'omega',
  'psr',
] as const satisfies readonly MetricName[]
export type EquityMetricName = (typeof EQUITY_METRICS)[number]
export type EquityMetrics = Readonly<Record<EquityMetricName, Metric>>

export interface EquityInput {
  readonly interval: Interval
  readonly window: Window
  readonly initialCash: number
  /** E at the close of each base bar of the window, quote currency. */
  readonly equity: Float64Array
  /** A: daily periods per year, declared by the calendar (24/7: 365). */
  readonly periodsPerYear: number
  /** Annual effective risk-free rate, 0.02 = 2 %. */
  readonly riskFree: number
}

/** Why annualised values, and why ratios, cannot be stated; null: they can. */
export interface EquityReasons {
  readonly annual: MetricReason | null
  readonly ratio: MetricReason | null
}

export interface EquityFigures extends EquityReasons {
  readonly metrics: EquityMetrics
  readonly daily: DailySeries
}

/** From the first E <= 0 on, equity is 0: trading has stopped. */
export function stopAtBankruptcy(equity: Float64Array): { equity: Float64Array; bankruptAt: number | null } {
  for (let t = 0; t < equity.length; t++) {
    if (!(equity[t]! <= 0)) continue
    const stopped = equity.slice()
    stopped.fill(0, t)
    return { equity: stopped, bankruptAt: t }
  }
  return { equity, bankruptAt: null }
}

/**
 * The metrics that follow from equity alone, by the definitions `…/v1` (docs: metrics). Daily returns for all but
 * max_drawdown and calmar's drawdown, which use base bars from E0.
 * @throws PlatformError invariant if an equity is not finite or initialCash is not positive
 */
export function equityMetrics(input: EquityInput): EquityFigures {
  checkFinite(input)
  const { equity, bankruptAt } = stopAtBankruptcy(input.equity)
  const daily = dailySeries({ ...input, equity })
  const bankrupt = bankruptAt !== null
  const bars = equity.length
  const n = daily.equity.length - 1
  const last = daily.equity[n]!
  const total = bankrupt ? -1 : last / input.initialCash - 1
  const returns = bankrupt ? new Float64Array(0) : returnsOf(daily.equity)
  const mdd = maxDrawdown(input.initialCash, equity)
  const span = input.window.end - input.window.start
  const cagr = bankrupt ? -1 : pow(last / input.initialCash, 1 / (span / YEAR_MS)) - 1
  const { annual, ratio } = equityReasons({ bankrupt, span, n })
  const longest = longestDrawdown({ ...input, equity })
  const metrics: EquityMetrics = {
    total_return: metricOf('total_return', total, { n }),
    cagr: annual === null || bankrupt ? metricOf('cagr', cagr, { n }) : missingMetric('cagr', annual, { n }),
    volatility: volatility({ returns, n, A: input.periodsPerYear, reason: annual }),
    sharpe: sharpe({ returns, n, input, reason: ratio }),
    sortino: sortino({ returns, n, input, reason: ratio }),
    max_drawdown: metricOf('max_drawdown', mdd, { n: bars }),
    drawdown_duration: metricOf('drawdown_duration', longest.ms, { n: bars, flags: longest.open ? ['open'] : [] }),
    calmar:
      annual !== null
        ? missingMetric('calmar', annual, { n: bars })
        : mdd === 0
          ? missingMetric('calmar', 'no_drawdown', { n: bars })
          : metricOf('calmar', cagr / Math.abs(mdd), { n: bars }),
    ulcer: bankrupt ? missingMetric('ulcer', 'bankrupt', { n }) : metricOf('ulcer', ulcerIndex(daily.equity), { n }),
    omega: omega(returns, n, ratio),
    psr: psr(returns, n, ratio),
  }
  return { metrics, daily, annual, ratio }
}

/** Why annualised values (`annual`) and ratios (`ratio`) of a run cannot be stated; null: they can. */
function equityReasons(options: { bankrupt: boolean; span: number; n: number }): EquityReasons {
  const { bankrupt, span, n } = options
  if (bankrupt) return { annual: 'bankrupt', ratio: 'bankrupt' }
  return { annual: span < MIN_WINDOW_MS ? 'short_window' : null, ratio: n < MIN_RETURNS ? 'few_returns' : null }
}

function checkFinite({ initialCash, equity }: EquityInput): void {
  if (!(initialCash > 0 && Number.isFinite(initialCash))) {
    throw new PlatformError('invariant', `Cannot compute metrics: initial cash is ${initialCash}, expected > 0`)
  }
  for (let t = 0; t < equity.length; t++) {
    if (Number.isFinite(equity[t]!)) continue
    throw new PlatformError(
      'invariant',
      `Cannot compute metrics: equity of bar ${t} is ${equity[t]}, expected a number`,
    )
  }
}

function volatility(options: { returns: Float64Array; n: number; A: number; reason: MetricReason | null }): Metric {
  const { returns, n, A, reason } = options
  if (reason !== null) return missingMetric('volatility', reason, { n, A })
  if (n < 2) return missingMetric('volatility', 'few_returns', { n, A })
  const deviation = sampleDeviation(returns, meanOf(returns))
  return metricOf('volatility', deviation <= EPSILON ? 0 : deviation * Math.sqrt(A), { n, A })
}

interface RatioOptions {
  readonly returns: Float64Array
  readonly n: number
  readonly input: EquityInput
  readonly reason: MetricReason | null
}

function sharpe({ returns, n, input, reason }: RatioOptions): Metric {
  const context = { n, A: input.periodsPerYear, rf: input.riskFree }
  if (reason !== null) return missingMetric('sharpe', reason, context)
  const excess = excessReturns(returns, input)
  const mean = meanOf(excess)
  const deviation = sampleDeviation(excess, mean)
  if (deviation <= EPSILON) return missingMetric('sharpe', 'zero_vol', context)
  return metricOf('sharpe', (mean / deviation) * Math.sqrt(input.periodsPerYear), context)
}

function sortino({ returns, n, input, reason }: RatioOptions): Metric {
  const context = { n, A: input.periodsPerYear, rf: input.riskFree }
  if (reason !== null) return missingMetric('sortino', reason, context)
  const excess = excessReturns(returns, input)
  let squares = 0
  for (let t = 0; t < n; t++) {
    const below = Math.min(excess[t]!, 0)
    squares += below * below
  }
  const downside = Math.sqrt(squares / n)
  if (downside <= EPSILON) return missingMetric('sortino', 'no_downside', context)
  return metricOf('sortino', (meanOf(excess) / downside) * Math.sqrt(input.periodsPerYear), context)
}

/** Gains over losses of the daily returns, threshold 0. */
function omega(returns: Float64Array, n: number, reason: MetricReason | null): Metric {
  if (reason !== null) return missingMetric('omega', reason, { n })
  let gains = 0
  let losses = 0
  for (let t = 0; t < n; t++) {
    const r = returns[t]!
    if (r > 0) gains += r
    else losses -= r
  }
  if (losses <= EPSILON) return missingMetric('omega', 'no_losses', { n })
  return metricOf('omega', gains / losses, { n })
}

function psr(returns: Float64Array, n: number, reason: MetricReason | null): Metric {
  if (reason !== null) return missingMetric('psr', reason, { n })
  const probability = probabilisticSharpe(returns, 0)
  return probability === null ? missingMetric('psr', 'zero_vol', { n }) : metricOf('psr', probability, { n })
}

/** rf per period = (1 + rf)^(1/A) − 1. */
export function riskFreePerPeriod({
  riskFree,
  periodsPerYear,
}: Pick<EquityInput, 'riskFree' | 'periodsPerYear'>): number {
  return riskFree === 0 ? 0 : pow(1 + riskFree, 1 / periodsPerYear) - 1
}

/** r − rf per period. */
export function excessReturns(returns: Float64Array, input: EquityInput): Float64Array {
  const perPeriod = riskFreePerPeriod(input)
  if (perPeriod === 0) return returns
  const excess = new Float64Array(returns.length)
  for (let t = 0; t < returns.length; t++) excess[t] = returns[t]! - perPeriod
  return excess
}
