import { normalCdf, normalQuantile } from '../math/normal.ts'
import { EPSILON } from './metric.ts'
import { centralMoments, meanOf, sampleDeviation } from './statistics.ts'

/** Euler's constant γ and 1/e. */
const EULER_GAMMA = 0.5772156649015329
const INV_E = 0.36787944117144233

/**
 * Probability that the true Sharpe ratio per period is above `benchmark` (D. H. Bailey, M. López de Prado, The Sharpe
 * ratio efficient frontier, 2012). `returns`: per period, at least two. Null: they do not vary, or the estimate has no
 * error that could be stated (root argument <= 1e-12).
 */
export function probabilisticSharpe(returns: Float64Array, benchmark: number): number | null {
  const mean = meanOf(returns)
  const deviation = sampleDeviation(returns, mean)
  if (deviation <= EPSILON) return null
  const ratio = mean / deviation
  const [m2, m3, m4] = centralMoments(returns, mean)
  const skewness = m3 / (m2 * Math.sqrt(m2))
  const kurtosis = m4 / (m2 * m2)
  const variance = 1 - skewness * ratio + ((kurtosis - 1) / 4) * ratio * ratio
  if (variance <= EPSILON) return null
  return normalCdf(((ratio - benchmark) * Math.sqrt(returns.length - 1)) / Math.sqrt(variance))
}

/**
 * The Sharpe ratio per period that the best of `trials` strategies without skill is expected to show, `deviation` being
 * the standard deviation of the trials' ratios (Bailey, López de Prado, The deflated Sharpe ratio, 2014). Trials >= 2.
 */
export function expectedBestSharpe(trials: number, deviation: number): number {
  const first = (1 - EULER_GAMMA) * normalQuantile(1 - 1 / trials)
  const second = EULER_GAMMA * normalQuantile(1 - (1 / trials) * INV_E)
  return deviation * (first + second)
}
