import type { CellEvent } from '../../src/protocol/events.ts'
import { createCheckpointFile } from '../results/checkpoint-file.ts'
import { type AdoptedRun, adoptRun, type Unusable } from './adopt-run.ts'
import { auditCell, type AuditedCell, factsOf, goneFacts } from './audit-cell.ts'
import { auditOfTaking } from './audit-job.ts'
import { type AttemptLog, countWritten, createAttemptLog } from './attempt-log.ts'
import { type Checkpoints, createCheckpoints } from './checkpoints.ts'
import type { FinishedRun } from './finish-run.ts'
import { type JobContext, sayInLog } from './job-context.ts'
import type { AdoptCause, CellRef } from './job-state.ts'
import type { LiveAttempt } from './live-attempt.ts'
import { reuseResult } from './reuse-result.ts'
import { runBacktest, type RunRequest } from './run-backtest.ts'

/** Container name of an attempt: whoever has it owns the attempt. */
export function attemptCellName(id: string, attempt: number): string {
  return `hotcell-${id}-${attempt}`
}

/** Runs a job that was just taken in a cell of its own; when a restart of the engine cuts the cell off, goes on with what is there then. */
export async function runFresh(live: LiveAttempt): Promise<FinishedRun | Unusable> {
  const reused = await reuseResult(live)
  if (reused !== null) return reused
  const end = await runCell(live)
  return end.exit?.engine === 'detached' ? await runDetached(live) : end
}

async function runCell(live: LiveAttempt): Promise<FinishedRun> {
  const { context, job, request, signal, record, note } = live
  const { id, attempt } = job
  const log = policyLog(live, 0)
  let audited: AuditedCell | null = null
  let hasAnswered = false
  const proofs: AuditedCell[] = []
  const checkpoints = checkpointsOf(live)
  try {
    await context.audit.require(auditOfTaking(context, job))
    return await runBacktest(context.deps, {
      job: id,
      mode: 'run',
      attempt,
      ...request,
      signal,
      checkpoints,
      onEvent: (event) => showProgress(context, id, event),
      onLog: (entry) => log.add(entry),
      async onCell(cell, policy, image) {
        const name = attemptCellName(id, attempt)
        const ref: CellRef = { cellId: cell.id, containerId: cell.containerId, name, image: image.id }
        audited = auditCell(context.audit, cell, { job: id, attempt, policy, image, signal })
        const started = record({ type: 'started', attempt, cell: ref, deadline: Date.now() + policy.wallTimeMs })
        await Promise.all([audited.started, started.then(async () => await cell.rename(name))])
      },
      onProofCell: async (...cell) => await auditProofCell(live, proofs, cell),
      // A cancelled job needs no answer, and its log says that the cell is gone
      keptUntil: Promise.race([live.over, untilAborted(signal)]),
      onFed: () => note({ type: 'fed', attempt }),
      onAnswered() {
        hasAnswered = true
        note({ type: 'answered', attempt })
      },
    })
  } finally {
    const cell = audited as AuditedCell | null
    await cell?.ended
    if (hasAnswered && !signal.aborted) live.left.push(async () => void (await cell?.gone))
    else {
      const gone = (await cell?.gone) ?? null
      if (gone !== null && signal.aborted) sayGone(live, gone)
    }
    for (const { ended } of proofs) await ended
    await checkpoints.close()
    await log.end()
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

function checkpointsOf({ context, job, request }: LiveAttempt): Checkpoints {
  const { deps, logs } = context
  const { id, attempt } = job
  const capBytes = deps.policies.get(request.options.policy)?.checkpointBytes ?? 0
  return createCheckpoints({
    file: createCheckpointFile(deps.runs.pathOf(id, 'checkpoints'), capBytes),
    attempt,
    capBytes,
    warn: (text) => sayInLog(logs, id, text, { level: 'warn' }),
  })
}

/** The cell of a look-ahead proof is no attempt: it is audited, and nothing of it is adopted. */
async function auditProofCell(
  { context, job, signal }: LiveAttempt,
  proofs: AuditedCell[],
  [cell, policy, image]: Parameters<NonNullable<RunRequest['onProofCell']>>,
): Promise<void> {
  const own = auditCell(context.audit, cell, { job: job.id, attempt: job.attempt, policy, image, signal })
  proofs.push(own)
  await own.started
}

const AWAY: Unusable = { cause: 'engine', reason: 'engine restarted: tried again' }

/** The engine is back, or never comes: a cell that it has kept running is adopted. */
async function runDetached(live: LiveAttempt): Promise<FinishedRun | Unusable> {
  const { context, job, signal } = live
  if (!(await context.deps.untilEngineIsThere(signal))) return AWAY
  const now = await context.store.get(job.id)
  if (now === null || now.cell === null || now.deadline === null || !now.fed) return AWAY
  const { cell } = now
  return await runAdopted({ ...live, job: now }, { cell, cause: 'engine' })
}

/** Goes on with a cell that somebody else has fed, or this process before the engine was restarted. */
export async function runAdopted(
  live: LiveAttempt,
  { cell, cause }: { readonly cell: CellRef; readonly cause: AdoptCause },
): Promise<FinishedRun | Unusable> {
  const { context, job, request, signal, record } = live
  const { id, attempt } = job
  const { deps, audit, worker } = context
  let removal: () => Promise<void> = async () => void (await deps.removeCell(cell.containerId))
  live.left.push(async (isStored) => {
    if (isStored) await removal()
  })
  // What the engine has killed, or lost, is nothing to go on with
  if (!(await deps.isAdoptable(cell.containerId))) return AWAY
  await audit.require({ type: 'job_adopted', job: id, attempt, worker, cause })
  await record({ type: 'adopted', attempt, worker, cause })
  const skip = await countWritten(context, id, attempt)
  const from = cause === 'lost' ? 'from an earlier process' : 'after a restart of the engine'
  sayInLog(context.logs, id, `Adopted the cell of attempt ${attempt} ${from}`)
  const log = policyLog(live, skip)
  const proofs: AuditedCell[] = []
  const checkpoints = checkpointsOf(live)
  try {
    return await adoptRun(deps, {
      job,
      checkpoints,
      cell,
      request,
      signal,
      onProgress: (event) => showProgress(context, id, event),
      onLog: (entry) => log.add(entry),
      onProofCell: async (...proofCell) => await auditProofCell(live, proofs, proofCell),
      async onEnd(end) {
        const ids = { job: id, attempt, cell: cell.cellId }
        audit.note({ type: 'cell_ended', ...ids, ...(await factsOf(end)) })
        removal = async () => {
          const removed = await deps.removeCell(cell.containerId)
          audit.note({ type: 'cell_gone', ...ids, ...goneFacts({ removed, remains: end.remains() }) })
        }
      },
      async onAnswered() {
        // The earlier holder may have come so far
        if (job.state === 'running') await record({ type: 'answered', attempt })
      },
    } satisfies AdoptedRun)
  } finally {
    for (const { ended } of proofs) await ended
    await checkpoints.close()
    await log.end()
  }
}

function sayGone({ context, job }: LiveAttempt, gone: ReturnType<typeof goneFacts>): void {
  const removed = gone.removed ? 'its container is removed' : 'its container could not be removed'
  const text = `The cell has ended: ${removed}, its cgroup is ${gone.cgroup} after ${gone.afterMs} ms`
  sayInLog(context.logs, job.id, text, { fields: { event: 'cell_gone', attempt: job.attempt, ...gone } })
}

function showProgress({ feed }: JobContext, id: string, event: CellEvent): void {
  if (event.type !== 'progress') return
  const { phase, done, total, barTime } = event
  feed.setProgress(id, { phase, done, total, barTime })
}

function policyLog(live: LiveAttempt, skip: number): AttemptLog {
  const { context, job, request } = live
  const capBytes = context.deps.policies.get(request.options.policy)?.logBytes ?? 0
  return createAttemptLog(context, job.id, { capBytes, skip })
}
