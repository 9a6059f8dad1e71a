import { returnsOf } from './daily-series.ts'
import { EPSILON, metricOf, missingMetric, type Metric } from './metric.ts'
import { expectedBestSharpe, probabilisticSharpe } from './sharpe-tests.ts'
import { meanOf, sampleDeviation } from './statistics.ts'

/** Returns below which a Sharpe ratio is not stated, so that it is no trial either. */
const MIN_RETURNS = 20

/** Sharpe ratio per period (rf 0) of daily E with E0 first; null: too few returns, bankrupt, or they do not vary. */
export function sharpePerPeriod(daily: Float64Array): number | null {
  if (daily.length - 1 < MIN_RETURNS || daily.some((equity) => !(equity > 0))) return null
  const returns = returnsOf(daily)
  const mean = meanOf(returns)
  const deviation = sampleDeviation(returns, mean)
  return deviation <= EPSILON ? null : mean / deviation
}

/**
 * `dsr/v1`: the probability that the Sharpe ratio of `daily` is above the best that as many strategies without skill would
 * have shown. `trials`: the ratios per period of all trials, this run among them; fewer than two: null `no_trials`.
 */
export function deflatedSharpe(daily: Float64Array, trials: Float64Array): Metric {
  const n = daily.length - 1
  if (daily.some((equity) => !(equity > 0))) return missingMetric('dsr', 'bankrupt', { n })
  if (n < MIN_RETURNS) return missingMetric('dsr', 'few_returns', { n })
  if (trials.length < 2) return missingMetric('dsr', 'no_trials', { n })
  const best = expectedBestSharpe(trials.length, sampleDeviation(trials, meanOf(trials)))
  const probability = probabilisticSharpe(returnsOf(daily), best)
  return probability === null ? missingMetric('dsr', 'zero_vol', { n }) : metricOf('dsr', probability, { n })
}
