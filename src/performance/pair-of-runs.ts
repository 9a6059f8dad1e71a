import type { RandomStream } from '../math/random.ts'
import { bootstrapMean, MIN_BOOTSTRAP_RETURNS, type Interval90 } from './bootstrap.ts'
import { drawdownSeries } from './drawdown.ts'
import { EPSILON, type MetricReason } from './metric.ts'
import { difference, meanOf, sampleCovariance, sampleDeviation } from './statistics.ts'

/** How two runs moved beside each other, on the same days. */
export interface PairOfRuns {
  /** Pearson, of the daily returns. */
  readonly correlation: number | null
  /** Days on which both are below their peaks / days on which one of them is; null: neither ever is. */
  readonly drawdownOverlap: number | null
  /** Of r_a − r_b per day: mean, and its 5–95 % interval by the moving block bootstrap. */
  readonly meanDifference: number | null
  readonly interval: Interval90 | null
  /** Why values are null, in the order above: first that holds; null: none is. */
  readonly reason: MetricReason | null
  /** Daily returns. */
  readonly n: number
}

/** A run of a pair: daily E with E0 first, and its returns. */
export interface DailyRun {
  readonly equity: Float64Array
  readonly returns: Float64Array
  /** Why its ratios cannot be stated; null: they can. */
  readonly ratio: MetricReason | null
}

/** Compares two runs over the same days (definition `comparison/v1`). `random`: drawn from for the interval alone. */
export function comparePair(a: DailyRun, b: DailyRun, random: RandomStream): PairOfRuns {
  const n = a.returns.length
  const drawdownOverlap = overlapOf(a.equity, b.equity)
  const ratio = a.ratio ?? b.ratio
  if (ratio !== null) {
    return { correlation: null, drawdownOverlap, meanDifference: null, interval: null, reason: ratio, n }
  }
  const means = { a: meanOf(a.returns), b: meanOf(b.returns) }
  const deviations = sampleDeviation(a.returns, means.a) * sampleDeviation(b.returns, means.b)
  const flat = sampleDeviation(a.returns, means.a) <= EPSILON || sampleDeviation(b.returns, means.b) <= EPSILON
  const differences = difference(a.returns, b.returns)
  const short = n < MIN_BOOTSTRAP_RETURNS
  return {
    correlation: flat ? null : sampleCovariance(a.returns, b.returns, means) / deviations,
    drawdownOverlap,
    meanDifference: meanOf(differences),
    interval: short ? null : bootstrapMean(differences, random),
    reason: flat ? 'zero_vol' : short ? 'few_returns' : null,
    n,
  }
}

function overlapOf(a: Float64Array, b: Float64Array): number | null {
  const fallsA = drawdownSeries(a[0]!, a)
  const fallsB = drawdownSeries(b[0]!, b)
  let both = 0
  let any = 0
  for (let day = 0; day < fallsA.length; day++) {
    const belowA = fallsA[day]! < 0
    const belowB = fallsB[day]! < 0
    if (belowA || belowB) any++
    if (belowA && belowB) both++
  }
  return any === 0 ? null : both / any
}
