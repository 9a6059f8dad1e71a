import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { createRandomStream } from '../../../src/math/random.ts'
import { benchmarkMetrics } from '../../../src/performance/benchmark-metrics.ts'
import { bootstrapIntervals, MIN_BOOTSTRAP_RETURNS } from '../../../src/performance/bootstrap.ts'
import { returnsOf } from '../../../src/performance/daily-series.ts'
import { equityMetrics, excessReturns, type EquityInput } from '../../../src/performance/equity-metrics.ts'
import { tradeMetrics } from '../../../src/performance/trade-metrics.ts'

/** Figures of another program (compute.py), kept with its version; made again by `python3 test/golden/metrics/compute.py`. */
interface ComputedRun {
  readonly seed: number
  readonly days: number
  readonly size: number
  readonly rf: number
  readonly trades: number
  readonly metrics: Readonly<Record<string, number | null>>
}
const { runs } = JSON.parse(readFileSync(new URL('computed.json', import.meta.url), 'utf8')) as { runs: ComputedRun[] }

const DAY = 86_400_000
const E0 = 10_000
const A = 365

function drawsOf(seed: number): () => number {
  let x = seed
  return () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    return x / 4_294_967_296
  }
}

function walk(seed: number, { days, size }: { days: number; size: number }): Float64Array {
  const draw = drawsOf(seed)
  let equity = E0
  return Float64Array.from({ length: days }, () => (equity *= 1 + (draw() - 0.48) * size))
}

function tradesOf(seed: number, count: number): Float64Array {
  const draw = drawsOf(seed)
  return Float64Array.from({ length: count }, () => (draw() - 0.45) * 500)
}

/** Value of each metric of the engine. */
function valuesOf({ seed, days, size, rf, trades }: ComputedRun): Record<string, number | null> {
  const rates = { periodsPerYear: A, riskFree: rf }
  const window = { firstSlot: 19_723, endSlot: 19_723 + days, start: 19_723 * DAY, end: (19_723 + days) * DAY }
  const inputOf = (equity: Float64Array): EquityInput => ({ interval: '1d', window, initialCash: E0, equity, ...rates })
  const input = inputOf(walk(3 * seed + 1, { days, size }))
  const run = equityMetrics(input)
  const benchmark = equityMetrics(inputOf(walk(3 * seed + 2, { days, size: 0.05 })))
  const returns = returnsOf(run.daily.equity)
  const random = createRandomStream({ seed: String(seed), label: 'bootstrap/v1', createHasher: createSha256 })
  const excess = excessReturns(returns, input)
  const intervals =
    days < MIN_BOOTSTRAP_RETURNS ? null : bootstrapIntervals({ returns, excess, periodsPerYear: A, random })
  const metrics = {
    ...run.metrics,
    ...benchmarkMetrics({ run, benchmark: { ...benchmark, days: null }, rates }),
    ...tradeMetrics(tradesOf(3 * seed + 3, trades), E0).metrics,
  }
  return {
    ...Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value])),
    sharpe_ci_low: intervals?.sharpe?.low ?? null,
    sharpe_ci_high: intervals?.sharpe?.high ?? null,
    total_return_ci_low: intervals?.totalReturn.low ?? null,
    total_return_ci_high: intervals?.totalReturn.high ?? null,
  }
}

const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a), Math.abs(b))

test.for(runs)('26 metrics of run $seed ($days days) equal the other program to 1e-12', (run, { expect }) => {
  const values = valuesOf(run)

  expect(Object.keys(run.metrics)).toHaveLength(26)
  for (const [name, wanted] of Object.entries(run.metrics)) {
    const value = values[name]
    if (wanted === null) expect(value, name).toBe(null)
    else expect(isClose(value!, wanted), `${name}: ${value} against ${wanted}`).toBe(true)
  }
})
