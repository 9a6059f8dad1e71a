import type { CellEvent } from '../../src/protocol/events.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { RunDeps } from '../deps.ts'
import { type AdoptedEnd, RELEASE } from '../sandbox/adopt-cell.ts'
import type { CellLog } from '../sandbox/event-lines.ts'
import type { CellCause } from '../sandbox/exit.ts'
import type { Job } from '../store/ports.ts'
import { type CheckpointPart, type Checkpoints, resumeRun } from './checkpoints.ts'
import { loadArchived, type RunData } from './collect-candles.ts'
import type { FinishedRun } from './finish-run.ts'
import type { CellRef, RetryCause } from './job-state.ts'
import { type Accepted, prepareData } from './prepare-data.ts'
import { proveRun } from './prove-run.ts'
import type { RunRequest } from './run-backtest.ts'
import { completeOutcome, type OutcomeCore, outcomeOfVerdict } from './run-outcome.ts'

/**
 * Theory of operation. A cell that an earlier process fed completely ends by itself. Its output is read whole after its
 * exit; what it was sent is not known any more, so the candles are cut again from the archive as its `accepted` asks, and
 * the verification compares their hashes as always. Where anything does not fit (the archive has changed since, the
 * output is not whole, the input was cut off by the crash) the answer is `Unusable`: the job is run again, and nobody is blamed.
 */
export interface AdoptedRun {
  readonly job: Job
  readonly cell: CellRef
  readonly request: { readonly config: RunConfig; readonly options: RunOptions }
  readonly signal: AbortSignal
  readonly checkpoints: Checkpoints
  /** While the cell runs. */
  readonly onProgress: (event: CellEvent & { type: 'progress' }) => void
  readonly onLog: (entry: CellLog) => void
  readonly onEnd: (end: AdoptedEnd) => Promise<void>
  readonly onAnswered: () => Promise<void>
  readonly onProofCell: NonNullable<RunRequest['onProofCell']>
}

/** What the cell left is of no use; why the job has to be run again. */
export interface Unusable {
  readonly cause: RetryCause
  readonly reason: string
}

const USELESS: Unusable = { cause: 'lost', reason: 'what the cell of an earlier process left is of no use' }

/** The end of a run whose cell was started by an earlier process; the container stays until that end is stored. @throws engine_unavailable, engine_timeout */
export async function adoptRun(deps: RunDeps, adopted: AdoptedRun): Promise<FinishedRun | Unusable> {
  const { job, cell, request, signal } = adopted
  const policy = deps.policies.get(request.options.policy)
  if (policy === undefined) return USELESS
  const verification = deps.verifier.begin()
  try {
    let accepted: Accepted | null = null
    const parts: CheckpointPart[] = []
    const exit = await deps.adoptCell({
      containerId: cell.containerId,
      policy,
      deadline: job.deadline ?? 0,
      startedAt: job.startedAt ?? Date.now(),
      signal,
      onEvent(event) {
        if (event.type === 'accepted') accepted ??= event
        if (event.type === 'checkpoint') parts.push(event)
      },
      onProgress: (event) => adopted.onProgress(event),
      onLog: (entry) => adopted.onLog(entry),
    })
    if (signal.reason === RELEASE) return USELESS
    await adopted.onEnd(exit)
    return await judge(deps, adopted, { exit, accepted, parts, verification, policy })
  } finally {
    await verification.close()
  }
}

async function judge(
  deps: RunDeps,
  { job, request, signal, checkpoints, onAnswered, onProofCell }: AdoptedRun,
  seen: {
    exit: AdoptedEnd
    accepted: Accepted | null
    parts: readonly CheckpointPart[]
    verification: ReturnType<RunDeps['verifier']['begin']>
    policy: Parameters<RunDeps['startCell']>[0]
  },
): Promise<FinishedRun | Unusable> {
  const { exit, accepted, parts, verification, policy } = seen
  const [archived, instruments, image] = await Promise.all([
    loadArchived(deps, request.config),
    deps.instruments.findAll(request.config.market, request.config.symbols),
    deps.image(),
  ])
  if (!archived.ok) return USELESS
  let data: RunData | null = null
  let resumedUnits = 0
  if (accepted !== null) {
    const inputs = { deps, request, policy, instruments, archived: archived.archived, verification }
    const prepared = prepareData(inputs, accepted)
    if (!prepared.ok) return USELESS
    data = prepared.data
    resumedUnits = (await resumeRun(verification, checkpoints, accepted)).length
  }
  let contradiction: CellCause | null = null
  for (const part of parts) contradiction ??= checkpoints.take(part)
  const end = (
    core: OutcomeCore,
    verdict: FinishedRun['verdict'],
    proof: FinishedRun['proof'] = null,
  ): FinishedRun => ({
    outcome: completeOutcome(core, {
      exit,
      wallMs: exit.usage.wallMs,
      bars: data?.series.reduce((sum, one) => sum + one.rows, 0) ?? null,
      attempt: job.attempt,
    }),
    verdict,
    proof,
    data,
    exit,
    image: job.cell?.image === image.id ? image : null,
    attestation: exit.attestation,
    resumedUnits,
    timings: {},
  })
  // A part of its input may have been lost with the engine: one that has never worked waits for it
  const isDeaf = !exit.hasWorked && ['no_event', 'wall_time'].includes(exit.cause?.reason ?? '')
  if (exit.cause !== null)
    return exit.cause.kind === 'platform_error' || isDeaf ? unusable(exit) : end(exit.cause, null)
  // What it was given may be lost, and then it contradicts nothing
  if (contradiction !== null) return resumedUnits === 0 && job.attempt > 1 ? USELESS : end(contradiction, null)
  await onAnswered()
  const verdict = await verification.verify(exit.stdout)
  const core = outcomeOfVerdict(verdict, 'run')
  // A crash in the middle of the input, or other candles in the archive by now, look like a fault of the cell
  const doubtful = core.kind === 'platform_error' || core.kind === 'data_unavailable'
  if (doubtful) return USELESS
  if (verdict.type !== 'verified' || verdict.run.proof === null || data === null) return end(core, verdict)
  const { id, attempt } = job
  const run = { job: id, attempt, ...request, policy, image, instruments, data, signal }
  const { proof, refusal } = await proveRun(deps, { ...run, plan: verdict.run.proof, onCell: onProofCell })
  return end(refusal ?? core, verdict, proof)
}

/** A cell that was killed from outside was killed with its engine. */
function unusable({ cause, signal }: AdoptedEnd): Unusable {
  if (cause?.reason !== 'infra' || signal !== 'SIGKILL') return USELESS
  return { cause: 'engine', reason: 'engine restarted: tried again' }
}
