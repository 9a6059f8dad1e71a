import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import type { RunAnalysis } from '../../../orchestrator-service/results/analyse-run.ts'
import { packRun } from '../../../orchestrator-service/results/analysed-run.ts'
import { buildResult } from '../../../orchestrator-service/results/build-result.ts'
import { hashTaskSeries, verifyDocument } from '../../../orchestrator-service/results/verify/verify-run.ts'
import type { VerifyTask } from '../../../orchestrator-service/results/verify/verify-task.ts'
import { encodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { ENGINE, RULE_SET } from '../../../src/backtest/rule-set.ts'
import { dailySeries } from '../../../src/performance/daily-series.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import type { ReferenceInput } from '../../support/reference-engine-types.ts'
import { timelineInput } from '../../support/timeline-input.ts'
import { flat, runOf } from './rule-case.ts'

function oneTrade(): ReferenceInput {
  return runOf({
    bars: [flat(10), flat(10), flat(12), flat(12), flat(12)],
    decisions: [
      { bar: 0, signal: 'BUY', size: 2 },
      { bar: 2, signal: 'SELL' },
    ],
  })
}

/** A run (one purchase and one sale), the honest claim of a cell about it, and what the host holds against it. */
export function honestClaim(input: ReferenceInput = oneTrade()) {
  const timeline = timelineInput(input, { interval: '1h', lookback: 0 })
  const played = playTimeline(timeline)
  const { config, series, window, lookback, instruments, decisions } = timeline
  const nothing = series.map(() => null)
  const detail = timeline.detail ?? nothing
  const known = { config, series, marks: timeline.marks ?? nothing, funding: timeline.funding ?? nothing, detail }
  const task: VerifyTask = {
    ...known,
    benchmark: null,
    window,
    lookback,
    instruments,
    symbols: config.symbols,
    proof: false,
  }
  const hashes = hashTaskSeries(task)
  const equityHasher = createSha256()
  equityHasher.update(new Uint8Array(played.equity.buffer, played.equity.byteOffset, played.equity.byteLength))
  const daily = dailySeries({ ...config, window, equity: played.equity })
  const claim: RunnerResult = {
    v: 1,
    outcome: { kind: 'ok', reason: null, message: 'ok', hint: null, location: null, lastBarTime: null },
    usage: { cpuNanos: 1, peakMemoryBytes: 1, bars: 5 },
    ruleSet: RULE_SET,
    engine: ENGINE,
    lookback,
    symbols: [...config.symbols],
    seriesHashes: hashes.map(({ symbol, interval, kind, rows, sha256 }) => ({ symbol, interval, kind, rows, sha256 })),
    decisions: encodeDecisionLog(decisions),
    records: Buffer.from(played.records).toString('base64'),
    recordCount: played.recordCount,
    equityHash: equityHasher.digestHex(),
    dailyEquity: Buffer.from(daily.equity.buffer).toString('base64'),
  }
  return { task, hashes, claim, records: played.records }
}

export function verdictOf(claim: RunnerResult, prepared: Parameters<typeof verifyDocument>[1]) {
  return verifyDocument(Buffer.from(JSON.stringify(claim)), prepared, () => {})
}

type BuildInput = Parameters<typeof buildResult>[0]

/** The host's result about a run; `verified` null: it could not be verified. */
export function resultOf(
  task: VerifyTask,
  verified: (Omit<NonNullable<BuildInput['verified']>, 'analysis'> & { readonly analysis: RunAnalysis }) | null,
) {
  const ok = { kind: 'ok', reason: null, message: '', hint: null, location: null, pointer: null, exitCode: 0 } as const
  const usage = { wallMs: 1, cpuNanos: 1, peakMemoryBytes: 1, stdoutBytes: 1, stderrBytes: 1, bars: 5 }
  return buildResult({
    id: 'run',
    config: task.config,
    options: { policy: 'default', workers: null, priority: 0, proof: false, cache: false, labels: {} },
    outcome: { ...ok, signal: null, killedBy: null, limits: {}, usage, lastBarTime: null, attempt: 1 },
    data: { window: task.window, lookback: 0, series: task.series, instruments: task.instruments, detail: task.detail },
    verified: verified === null ? null : { ...verified, analysis: packRun(verified.analysis) },
    provenance: { createdAt: '2024-01-01T00:00:00Z', image: null, node: 'v26', arch: 'x64', units: [], timings: {} },
  })
}
