import { compareRuns, type ComparedRun } from '../../../src/performance/compare-runs.ts'
import type { Comparison } from '../../../src/protocol/comparison.ts'
import type { JobView } from '../../../src/protocol/job.ts'
import type { Outcome } from '../../../src/protocol/outcome.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import type { Result } from '../../../src/protocol/result.ts'
import { buildResult } from '../../results/build-result.ts'
import { presentComparison } from '../../results/compare/build-comparison.ts'
import { createSha256 } from '../../sha256.ts'

/** Examples of the API's document. They are made by the code that makes the real thing, so that they cannot be wrong. */
export const EXAMPLE_CONFIG = {
  strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } },
  symbols: ['BTCUSDT'],
  interval: '1h',
  start: '2024-01-01T00:00:00Z',
  end: '2024-07-01T00:00:00Z',
  initialCash: 10_000,
  options: { labels: { desk: 'research' } },
}

const ID = 'r-abcdefghijklmnop'
const CREATED_AT = '2024-07-02T08:00:00.000Z'

const outcome: Outcome = {
  kind: 'data_unavailable',
  reason: 'unknown_symbol',
  message: 'There are no candles of spot BTCUSDT 1h',
  hint: 'See what there is with `hotcell candles list`',
  location: null,
  pointer: null,
  exitCode: null,
  signal: null,
  killedBy: null,
  limits: {},
  usage: { wallMs: 12, cpuNanos: null, peakMemoryBytes: null, stdoutBytes: 0, stderrBytes: 0, bars: null },
  lastBarTime: null,
  attempt: 1,
}

export const EXAMPLE_RESULT: Result = buildResult({
  id: ID,
  ...parseConfig(EXAMPLE_CONFIG),
  outcome,
  data: null,
  verified: null,
  provenance: { createdAt: CREATED_AT, image: null, node: 'unknown', arch: 'unknown', units: [], timings: {} },
})

export const EXAMPLE_JOB: JobView = {
  id: ID,
  state: 'failed',
  owner: 'alice',
  createdAt: CREATED_AT,
  startedAt: '2024-07-02T08:00:00.020Z',
  finishedAt: '2024-07-02T08:00:00.032Z',
  position: null,
  estimateMs: null,
  attempt: 1,
  cancelRequested: false,
  strategy: 'SmaCrossover',
  market: 'spot',
  symbols: ['BTCUSDT'],
  interval: '1h',
  policy: 'default',
  limits: { policy: 'default', runtime: 'runc', memoryBytes: 2_147_483_648, pids: 64, wallTimeMs: 3_600_000 },
  priority: 0,
  labels: { desk: 'research' },
  verifies: null,
  cachedFrom: null,
  progress: null,
  outcome: { ...outcome, limits: {} },
  fingerprint: null,
  totalReturn: null,
  links: { self: `/v1/backtests/${ID}`, result: `/v1/backtests/${ID}/result` },
}

const DAY_MS = 86_400_000
const DAYS = 40
const exampleRun = (id: string, swing: number): ComparedRun => {
  const equity = Float64Array.from({ length: DAYS }, (_, day) => 10_000 + (day % 5) * swing + day * 10)
  return {
    id,
    interval: '1d',
    window: { start: 0, end: DAYS * DAY_MS },
    initialCash: 10_000,
    equity,
    benchmark: equity,
    benchmarkDays: null,
    trades: { exitTime: new Float64Array(0), netPnl: new Float64Array(0) },
    quote: 'USDT',
  }
}

export const EXAMPLE_COMPARISON: Comparison = presentComparison(
  compareRuns({
    runs: [exampleRun(ID, 40), exampleRun('r-bcdefghijklmnopq', -25)],
    periodsPerYear: 365,
    riskFree: 0,
    seed: '0',
    trials: Float64Array.of(0.1, 0.2),
    createHasher: createSha256,
  }),
  { names: ['SmaCrossover: fast 10, slow 30', 'BuyAndHold'], trialsCapped: false },
)
