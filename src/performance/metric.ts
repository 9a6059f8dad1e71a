export const METRIC_NAMES = [
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
  'dsr',
  'sharpe_ci_low',
  'sharpe_ci_high',
  'total_return_ci_low',
  'total_return_ci_high',
  'relative_return',
  'alpha',
  'beta',
  'correlation',
  'tracking_error',
  'information_ratio',
  'exposure',
  'gross_exposure',
  'win_rate',
  'profit_factor',
  'payoff',
  'expectancy',
  'sqn',
  'kelly',
] as const
export type MetricName = (typeof METRIC_NAMES)[number]

/** Why a metric has no value, in the order in which reasons win; after few_returns come the metric's own. */
export const METRIC_REASONS = [
  'bankrupt',
  'short_window',
  'few_returns',
  'zero_vol',
  'no_downside',
  'no_drawdown',
  'no_trades',
  'no_wins',
  'no_losses',
  'no_trials',
  'out_of_range',
] as const
export type MetricReason = (typeof METRIC_REASONS)[number]

export const METRIC_FLAGS = ['low_n', 'open'] as const
export type MetricFlag = (typeof METRIC_FLAGS)[number]

/** A metric never is NaN or infinite: it has a value, or a reason why not. */
export interface Metric {
  readonly value: number | null
  readonly reason: MetricReason | null
  /** Observations it rests on: daily returns, base bars (max_drawdown, calmar) or closed trades. */
  readonly n: number
  /** Periods per year, where it enters; else null. */
  readonly A: number | null
  /** Annual effective risk-free rate, where it enters; else null. */
  readonly rf: number | null
  readonly def: string
  readonly flags: readonly MetricFlag[]
}

/** Deviations and drawdowns up to this size are rounding, not risk. */
export const EPSILON = 1e-12

export interface MetricContext {
  readonly n: number
  readonly A?: number
  readonly rf?: number
  readonly flags?: readonly MetricFlag[]
}

/** A metric with a value; a number that float64 cannot hold becomes `out_of_range`. */
export function metricOf(name: MetricName, value: number, context: MetricContext): Metric {
  if (!Number.isFinite(value)) return missingMetric(name, 'out_of_range', context)
  return { ...common(name, context), value: value + 0, reason: null }
}

export function missingMetric(name: MetricName, reason: MetricReason, context: MetricContext): Metric {
  return { ...common(name, context), value: null, reason }
}

/** Values of one definition that stand as several metrics. */
const DEFINED_TOGETHER: Partial<Readonly<Record<MetricName, string>>> = {
  sharpe_ci_low: 'bootstrap_ci/v1',
  sharpe_ci_high: 'bootstrap_ci/v1',
  total_return_ci_low: 'bootstrap_ci/v1',
  total_return_ci_high: 'bootstrap_ci/v1',
  gross_exposure: 'exposure/v1',
}

function common(name: MetricName, context: MetricContext): Pick<Metric, 'n' | 'A' | 'rf' | 'def' | 'flags'> {
  return {
    n: context.n,
    A: context.A ?? null,
    rf: context.rf ?? null,
    def: DEFINED_TOGETHER[name] ?? `${name}/v1`,
    flags: context.flags ?? [],
  }
}
