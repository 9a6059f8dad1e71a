import { createSha256 } from '../../orchestrator-service/sha256.ts'
import type { Window } from '../../src/backtest/window.ts'
import { intervalMs, slotOf, type Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { Outcome } from '../../src/protocol/outcome.ts'
import type { Result } from '../../src/protocol/result.ts'
import { DEFAULT_EXECUTION } from '../../src/protocol/profiles.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import { analyseRun, type RunAnalysis } from '../../orchestrator-service/results/analyse-run.ts'
import { packRun } from '../../orchestrator-service/results/analysed-run.ts'
import { buildResult, type BuildResultInput } from '../../orchestrator-service/results/build-result.ts'
import { playRoundTrips, SYNTHETIC_CASH, SYNTHETIC_START, syntheticCandles } from './synthetic-records.ts'

export interface SyntheticOptions {
  readonly symbols: readonly string[]
  readonly interval: Interval
  readonly bars: number
  /** Round trips a symbol, spread over the window. */
  readonly trades: number
  readonly config?: Partial<RunConfig>
  /** Of its own: rows in the window. */
  readonly benchmark?: CandleSeries
  readonly labels?: Readonly<Record<string, string>>
}

export interface SyntheticRun {
  readonly result: Result
  readonly analysis: RunAnalysis
  readonly candles: readonly CandleSeries[]
  readonly input: BuildResultInput
}

export const OK_OUTCOME: Outcome = {
  kind: 'ok',
  reason: null,
  message: 'Verified',
  hint: null,
  location: null,
  pointer: null,
  exitCode: 0,
  signal: null,
  killedBy: null,
  limits: {
    memoryBytes: 2_147_483_648,
    cpus: 1,
    pids: 64,
    wallTimeMs: 3_600_000,
    barTimeMs: 1000,
    stdoutBytes: 67_108_864,
    network: 'none',
  },
  usage: {
    wallMs: 412,
    cpuNanos: 310_000_000,
    peakMemoryBytes: 96_000_000,
    stdoutBytes: 48_000,
    stderrBytes: 2100,
    bars: 400,
  },
  lastBarTime: null,
  attempt: 1,
}

export function syntheticConfig(options: Pick<SyntheticOptions, 'symbols' | 'interval' | 'config'>): RunConfig {
  return {
    strategy: { module: 'main.ts', class: 'Breakout', params: { length: 20 } },
    files: [{ path: 'main.ts', source: 'export default class Breakout {}' }],
    market: 'spot',
    symbols: [...options.symbols].sort(),
    interval: options.interval,
    start: null,
    end: null,
    initialCash: SYNTHETIC_CASH,
    fee: { builtin: 'percent', params: { maker: 0.0002, taker: 0.0004 } },
    slippage: { builtin: 'bps', params: { bps: 2 } },
    sizing: { builtin: 'percentOfEquity', params: { percent: 25 } },
    capacity: { builtin: 'maxPositions', params: { max: 4 } },
    risk: { builtin: 'none', params: {} },
    fill: 'worst',
    profile: 'hotcell/v1',
    endOfData: 'open',
    execution: DEFAULT_EXECUTION,
    data: { gaps: 'mark', maxSyntheticShare: 0.05, maxGapBars: 1440 },
    metrics: { periodsPerYear: null, riskFree: 0 },
    seed: '0',
    args: {},
    ...options.config,
  }
}

const hash = (digit: string) => digit.repeat(64)

/** A whole run with figures, made without a cell. */
export function syntheticRun(options: SyntheticOptions): SyntheticRun {
  const config = syntheticConfig(options)
  const { interval, symbols } = config
  const candles = symbols.map((symbol, seed) =>
    syntheticCandles(symbol, { interval, bars: options.bars, seed: seed + 1 }),
  )
  const firstSlot = slotOf(interval, SYNTHETIC_START)
  const end = SYNTHETIC_START + options.bars * intervalMs(interval)!
  const window: Window = { firstSlot, endSlot: firstSlot + options.bars, start: SYNTHETIC_START, end }
  const { records, equity } = playRoundTrips(candles, options.trades)
  const analysis = analyseRun({
    detail: [],
    config,
    window,
    series: candles,
    benchmark: options.benchmark ?? null,
    records,
    equity,
    createHasher: createSha256,
  })
  const input: BuildResultInput = {
    id: 'r-abcdefgh23456777',
    config,
    options: {
      policy: 'default',
      workers: null,
      priority: 0,
      proof: false,
      cache: false,
      labels: options.labels ?? { desk: 'research' },
    },
    outcome: OK_OUTCOME,
    data: { window, lookback: 0, series: candles, instruments: symbols.map(() => null), detail: [] },
    verified: {
      analysis: packRun(analysis),
      fingerprint: hash('a'),
      inputs: hash('b'),
      outcomeHash: hash('c'),
      ambiguity: [{ symbol: 0, time: SYNTHETIC_START, high: 10_012.5, low: 10_000 }],
    },
    provenance: {
      createdAt: '2026-11-21T03:00:00.000Z',
      image: { ref: 'hotcell-runner:1', id: `sha256:${hash('d')}`, digest: `sha256:${hash('e')}` },
      node: '26.10.0',
      arch: 'x64',
      units: symbols.map((key, i) => ({ key, thread: i % 2, bars: options.bars, ms: 12 })),
      timings: { cellStarted: 80, accepted: 190, exited: 380, verified: 412 },
    },
  }
  return { result: buildResult(input), analysis, candles, input }
}
