import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { compareRuns, type ComparedRun } from '../../../src/performance/compare-runs.ts'

const DAY = 86_400_000
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))

function heldRun(id: string, file: string, benchmark: Float64Array | null): ComparedRun {
  const { firstOpenTime, open, close } = read(file) as { firstOpenTime: number; open: number[]; close: number[] }
  const equity = Float64Array.from(close, (price) => (10_000 * price) / open[0]!)
  return {
    id,
    interval: '1d',
    window: { start: firstOpenTime, end: firstOpenTime + close.length * DAY },
    initialCash: 10_000,
    equity,
    benchmark: benchmark ?? equity,
    benchmarkDays: null,
    trades: { exitTime: new Float64Array(0), netPnl: new Float64Array(0) },
    quote: 'USDT',
  }
}

test('a comparison of two real series equals the independent computation (compute.py) to 1e-12', ({ expect }) => {
  const ether = heldRun('b', '../metrics/ethusdt-1d-2024.json', null)
  const bitcoin = heldRun('a', '../metrics/btcusdt-1d-2024.json', ether.equity)
  const expected = read('expected.json') as {
    correlation: number
    drawdownOverlap: number
    meanDifference: number
    interval: [number, number]
  }

  const { pairs, runs } = compareRuns({
    runs: [bitcoin, ether],
    periodsPerYear: 365,
    riskFree: 0,
    seed: '42',
    trials: new Float64Array(0),
    createHasher: createSha256,
  })

  const { correlation, drawdownOverlap, meanDifference, interval } = pairs[0]!
  const seen = [correlation, drawdownOverlap, meanDifference, interval!.low, interval!.high]
  const wanted = [expected.correlation, expected.drawdownOverlap, expected.meanDifference, ...expected.interval]
  for (const [at, value] of seen.entries()) expect(Math.abs(value! - wanted[at]!)).toBeLessThanOrEqual(1e-12)
  // The published check vector of beta, against the same benchmark
  expect(runs[0]!.metrics.beta.value).toBeCloseTo(0.69197621861151, 13)
  expect(runs[0]!.metrics.dsr).toMatchObject({ value: null, reason: 'no_trials' })
})
