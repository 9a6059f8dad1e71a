import type { RandomStream } from '../math/random.ts'
import { EPSILON } from './metric.ts'
import { meanOf, quantile, sampleDeviation } from './statistics.ts'

const DRAWS = 1000
const LOW = 0.05
const HIGH = 0.95
/** Returns that a confidence interval needs. */
export const MIN_BOOTSTRAP_RETURNS = 60

export interface Interval90 {
  readonly low: number
  readonly high: number
}

/** Smallest L with L³ >= n. */
function blockLength(n: number): number {
  let length = 1
  while (length * length * length < n) length++
  return length
}

/**
 * 5–95 % intervals of the annual Sharpe ratio and of the total return by the moving block bootstrap: 1,000 draws of
 * blocks of the daily returns, the last one cut to n. `excess[t]` is `returns[t]` less the risk-free rate. Null: a draw
 * does not vary.
 */
export function bootstrapIntervals(options: {
  returns: Float64Array
  excess: Float64Array
  periodsPerYear: number
  random: RandomStream
}): { sharpe: Interval90 | null; totalReturn: Interval90 } {
  const { returns, excess, periodsPerYear, random } = options
  const n = returns.length
  const sharpes = new Float64Array(DRAWS)
  const totals = new Float64Array(DRAWS)
  const sample = new Float64Array(n)
  let varies = true
  for (let draw = 0; draw < DRAWS; draw++) {
    let growth = 1
    drawBlocks(n, random, (to, from) => {
      sample[to] = excess[from]!
      growth *= 1 + returns[from]!
    })
    const mean = meanOf(sample)
    const deviation = sampleDeviation(sample, mean)
    if (deviation <= EPSILON) varies = false
    else sharpes[draw] = (mean / deviation) * Math.sqrt(periodsPerYear)
    totals[draw] = growth - 1
  }
  return { sharpe: varies ? intervalOf(sharpes) : null, totalReturn: intervalOf(totals) }
}

/** One draw: blocks of rows from random starts, the last one cut to n. */
function drawBlocks(n: number, random: RandomStream, take: (to: number, from: number) => void): void {
  const length = blockLength(n)
  for (let at = 0; at < n; at += length) {
    const start = Math.floor(random() * (n - length + 1))
    for (let k = 0; k < length && at + k < n; k++) take(at + k, start + k)
  }
}

/** 5–95 % interval of the mean of daily values, by the same draws. */
export function bootstrapMean(values: Float64Array, random: RandomStream): Interval90 {
  const n = values.length
  const means = new Float64Array(DRAWS)
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0
    drawBlocks(n, random, (_to, from) => {
      sum += values[from]!
    })
    means[draw] = sum / n
  }
  return intervalOf(means)
}

function intervalOf(values: Float64Array): Interval90 {
  const ascending = values.slice().sort()
  return { low: quantile(ascending, LOW), high: quantile(ascending, HIGH) }
}
