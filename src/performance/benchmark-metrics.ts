import { pow } from '../math/pow.ts'
import { returnsOf } from './daily-series.ts'
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
  /** Daily E of the run and of the benchmark on the same days, E0 first. */
  readonly equity: Float64Array
  readonly benchmark: Float64Array
  readonly totals: { readonly run: number; readonly benchmark: number }
  readonly periodsPerYear: number
  /** Per period. */
  readonly riskFree: number
  /** Annual, as stated beside the values. */
  readonly annualRiskFree: number
  /** Why annualised values, and why ratios, cannot be stated; null: they can. */
  readonly annual: MetricReason | null
  readonly ratio: MetricReason | null
}

/** How a run moved against its benchmark, on the days that both have (definitions `…/v1`). */
export function benchmarkMetrics(input: BenchmarkInput): BenchmarkMetrics {
  const { totals, annual, ratio } = input
  const n = input.equity.length - 1
  const context = { n, A: input.periodsPerYear }
  const relative =
    ratio === 'bankrupt'
      ? missingMetric('relative_return', 'bankrupt', { n })
      : metricOf('relative_return', totals.run - totals.benchmark, { n })
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
  return { relative_return: relative, ...regression(input, n), ...tracking(input, n) }
}

function regression(input: BenchmarkInput, n: number): Pick<BenchmarkMetrics, 'alpha' | 'beta' | 'correlation'> {
  const r = returnsOf(input.equity)
  const b = returnsOf(input.benchmark)
  const means = { a: meanOf(r), b: meanOf(b) }
  const sdR = sampleDeviation(r, means.a)
  const sdB = sampleDeviation(b, means.b)
  const covariance = sampleCovariance(r, b, means)
  const beta = covariance / (sdB * sdB)
  const flat: MetricReason | null = sdB <= EPSILON ? 'zero_vol' : null
  const stated = (name: BenchmarkMetricName, reason: MetricReason | null, value: () => number, context: object) =>
    reason === null ? metricOf(name, value(), { n, ...context }) : missingMetric(name, reason, { n, ...context })
  const alpha = () => {
    const excess = means.a - input.riskFree - beta * (means.b - input.riskFree)
    return pow(1 + excess, input.periodsPerYear) - 1
  }
  return {
    alpha: stated('alpha', input.annual ?? flat, alpha, { A: input.periodsPerYear, rf: input.annualRiskFree }),
    beta: stated('beta', input.ratio ?? flat, () => beta, {}),
    correlation: stated(
      'correlation',
      input.ratio ?? (sdR <= EPSILON ? 'zero_vol' : flat),
      () => covariance / (sdR * sdB),
      {},
    ),
  }
}

function tracking(input: BenchmarkInput, n: number): Pick<BenchmarkMetrics, 'tracking_error' | 'information_ratio'> {
  const active = difference(returnsOf(input.equity), returnsOf(input.benchmark))
  const mean = meanOf(active)
  const deviation = sampleDeviation(active, mean)
  const varies = deviation > EPSILON
  const A = input.periodsPerYear
  const reason = input.ratio ?? (varies ? null : 'zero_vol')
  return {
    tracking_error:
      input.annual === null
        ? metricOf('tracking_error', varies ? deviation * Math.sqrt(A) : 0, { n, A })
        : missingMetric('tracking_error', input.annual, { n, A }),
    information_ratio:
      reason === null
        ? metricOf('information_ratio', (mean / deviation) * Math.sqrt(A), { n, A })
        : missingMetric('information_ratio', reason, { n, A }),
  }
}
