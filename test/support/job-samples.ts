import type { CellRef, JobEvent } from '../../orchestrator-service/jobs/job-state.ts'
import type { NewJob } from '../../orchestrator-service/store/ports.ts'
import type { Outcome } from '../../src/protocol/outcome.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'

export const SAMPLE_CELL: CellRef = { cellId: 'c-1', containerId: 'f00d', name: 'hotcell-c-1', image: 'hotcell:1' }

/** An outcome of a kind, as a host would state it. */
export function sampleOutcome(kind: Outcome['kind'], reason: string | null = null): Outcome {
  return {
    kind,
    reason,
    message: `It ended as ${kind}`,
    hint: null,
    location: null,
    pointer: null,
    exitCode: 0,
    signal: null,
    killedBy: null,
    limits: { memoryBytes: 1 },
    usage: { wallMs: 1, cpuNanos: null, peakMemoryBytes: null, stdoutBytes: 0, stderrBytes: 0, bars: null },
    lastBarTime: null,
    attempt: 1,
  }
}

export function finished(
  attempt: number,
  kind: Outcome['kind'],
  reason: string | null = null,
): JobEvent & { type: 'finished' } {
  const ok = kind === 'ok'
  const outcome = sampleOutcome(kind, reason)
  return { type: 'finished', attempt, outcome, fingerprint: ok ? 'ab' : null, totalReturn: ok ? 0.25 : null }
}

/** What takes a job that was just taken to its end. */
export function wayToOk(attempt: number): JobEvent[] {
  return [
    { type: 'started', attempt, cell: SAMPLE_CELL, deadline: 60_000 },
    { type: 'fed', attempt },
    { type: 'answered', attempt },
    finished(attempt, 'ok'),
  ]
}

interface SampleJob {
  readonly owner?: string
  readonly createdAt?: number
  readonly strategy?: string
  readonly symbols?: readonly string[]
  readonly priority?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly idempotency?: NewJob['idempotency']
}

/** A submission that could be run. */
export function sampleJob(id: string, sample: SampleJob = {}): NewJob {
  const { config, options } = parseConfig({
    strategy: { builtin: sample.strategy ?? 'SmaCrossover' },
    market: 'spot',
    symbols: sample.symbols ?? ['BTCUSDT'],
    interval: '1h',
    options: { priority: sample.priority ?? 0, labels: sample.labels ?? {} },
  })
  const { owner = 'ann', createdAt = 1000, idempotency = null } = sample
  return { id, owner, createdAt, config, options, verifies: null, idempotency }
}
