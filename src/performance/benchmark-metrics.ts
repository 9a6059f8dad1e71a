import { pow } from '../math/pow.ts'
import { returnsOf } from './daily-series.ts'
import {
  MIN_RETURNS,
  riskFreePerPeriod,
  type EquityFigures,
  type EquityInput,
  type EquityReasons,
} from './equity-metrics.ts'
import { joinDays } from './held-symbol.ts'
import { EPSILON, metricOf, missingMetric, type Metric, type MetricName, type MetricReason } from './metric.ts'
import { difference, meanOf, sampleCovariance, sampleDeviation } from './statistics.ts'

export const BENCHMARK_METRICS = [
  'relative_return',
  'alpha',
  'beta',
  'correlation',
  'tracking_error',
  'information_ratio',
] as const satisfies readonly MetricName[]
export type BenchmarkMetricName = (typeof BENCHMARK_METRICS)[number]
export type BenchmarkMetrics = Readonly<Record<BenchmarkMetricName, Metric>>

export interface BenchmarkInput {
  /** Measured over the same days as the benchmark; why a value of the run cannot be stated holds here too. */
  readonly run: EquityFigures
  readonly benchmark: Pick<EquityFigures, 'metrics' | 'daily'> & {
    /** Starts of the days on which it has a bar, which alone are compared; null: all days. */
    readonly days: Float64Array | null
  }
  /** A and the risk-free rate by which both were measured. */
  readonly rates: Pick<EquityInput, 'periodsPerYear' | 'riskFree'>
}

interface Days extends EquityReasons {
  /** Returns of the run and of the benchmark, from one compared day to the next. */
  readonly r: Float64Array
  readonly b: Float64Array
  readonly n: number
}

/** How a run moved against its benchmark, on the days that both have (definitions `…/v1`). */
export function benchmarkMetrics(input: BenchmarkInput): BenchmarkMetrics {
  const { run, benchmark, rates } = input
  const { annual } = run
  const held = benchmark.daily.equity
  const joined =
    benchmark.days === null ? { equity: run.daily.equity, benchmark: held } : joinDays(run.daily, held, benchmark.days)
  const n = joined.equity.length - 1
  const ratio = run.ratio ?? (n < MIN_RETURNS ? 'few_returns' : null)
  const context = { n, A: rates.periodsPerYear }
  const relative =
    ratio === 'bankrupt'
      ? missingMetric('relative_return', 'bankrupt', { n })
      : metricOf('relative_return', run.metrics.total_return.value! - benchmark.metrics.total_return.value!, { n })
  if (ratio === 'bankrupt' || n < 2) {
    const reason = ratio ?? 'few_returns'
    const missing = (name: BenchmarkMetricName) => missingMetric(name, annual ?? reason, context)
    return {
      relative_return: relative,
      alpha: missing('alpha'),
      beta: missingMetric('beta', reason, { n }),
      correlation: missingMetric('correlation', reason, { n }),
      tracking_error: missing('tracking_error'),
      information_ratio: missingMetric('information_ratio', reason, context),
    }
  }
  const days = { r: returnsOf(joined.equity), b: returnsOf(joined.benchmark), n, annual, ratio }
  return { relative_return: relative, ...regression(rates, days), ...tracking(rates, days) }
}

function regression(
  rates: BenchmarkInput['rates'],
  { r, b, n, annual, ratio }: Days,
): Pick<BenchmarkMetrics, 'alpha' | 'beta' | 'correlation'> {
  const means = { a: meanOf(r), b: meanOf(b) }
  const sdR = sampleDeviation(r, means.a)
  const sdB = sampleDeviation(b, means.b)
  const covariance = sampleCovariance(r, b, means)
  const beta = covariance / (sdB * sdB)
  const flat: MetricReason | null = sdB <= EPSILON ? 'zero_vol' : null
  const stated = (name: BenchmarkMetricName, reason: MetricReason | null, value: () => number, context: object) =>
    reason === null ? metricOf(name, value(), { n, ...context }) : missingMetric(name, reason, { n, ...context })
  const alpha = () => {
    const riskFree = riskFreePerPeriod(rates)
    const excess = means.a - riskFree - beta * (means.b - riskFree)
    return pow(1 + excess, rates.periodsPerYear) - 1
  }
  return {
    alpha: stated('alpha', annual ?? flat, alpha, { A: rates.periodsPerYear, rf: rates.riskFree }),
    beta: stated('beta', ratio ?? flat, () => beta, {}),
    correlation: stated(
      'correlation',
      ratio ?? (sdR <= EPSILON ? 'zero_vol' : flat),
      () => covariance / (sdR * sdB),
      {},
    ),
  }
}

function tracking(
  rates: BenchmarkInput['rates'],
  { r, b, n, annual, ratio }: Days,
): Pick<BenchmarkMetrics, 'tracking_error' | 'information_ratio'> {
  const active = difference(r, b)
  const mean = meanOf(active)
  const deviation = sampleDeviation(active, mean)
  const varies = deviation > EPSILON
  const A = rates.periodsPerYear
  const reason = ratio ?? (varies ? null : 'zero_vol')
  return {
    tracking_error:
      annual === null
        ? metricOf('tracking_error', varies ? deviation * Math.sqrt(A) : 0, { n, A })
        : missingMetric('tracking_error', annual, { n, A }),
    information_ratio:
      reason === null
        ? metricOf('information_ratio', (mean / deviation) * Math.sqrt(A), { n, A })
        : missingMetric('information_ratio', reason, { n, A }),
  }
}
