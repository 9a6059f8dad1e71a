import { PlatformError } from '../../src/errors.ts'
import type { CellEvent } from '../../src/protocol/events.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import { RELEASE } from '../sandbox/adopt-cell.ts'
import type { Job } from '../store/ports.ts'
import { adoptRun } from './adopt-run.ts'
import { type AuditedCell, auditCell, factsOf } from './audit-cell.ts'
import { auditOfTaking } from './audit-job.ts'
import { type AttemptLog, beginAttempt, countWritten, createAttemptLog } from './attempt-log.ts'
import { endOfError, finishJob, retriesOf, retryJob } from './finish-job.ts'
import type { FinishedRun } from './finish-run.ts'
import { type JobContext, pause, recordEvents, sayInLog } from './job-context.ts'
import { type CellRef, isRetried, type JobEvent } from './job-state.ts'
import { runBacktest, type RunRequest } from './run-backtest.ts'

/**
 * Theory of operation. An attempt ends in exactly one of four ways: it finishes the job; it gives the job back to the queue
 * (`retried`); it leaves it to the next host (a cell that is fed goes on while this process ends); or it learns that
 * somebody else holds the job and changes nothing any more. All it writes carries its number, so that the store refuses
 * what comes from an attempt that is not the newest.
 */
export interface Attempt {
  readonly id: string
  readonly attempt: number
  readonly done: Promise<void>
  /** Ends the cell; the job is finished as cancelled. */
  cancel(): void
  /** Lets go: a cell that is fed goes on without us, everything else is given back. */
  release(): void
}

export const LEASE_MS = 30_000
const RENEW_MS = 10_000
const BACK_OFF_MS = 250
const ENGINE_POLL_MS = 500
/** An engine that is away longer is not being restarted. */
const ENGINE_AWAY_MS = 600_000

const LOST = Symbol('lost')

/** Container name of an attempt: whoever has it owns the attempt. */
export function attemptCellName(id: string, attempt: number): string {
  return `hotcell-${id}-${attempt}`
}

/** Runs a job that was just taken. */
export function startAttempt(context: JobContext, job: Job): Attempt {
  beginAttempt(context, job.id, job.attempt)
  return begin(context, job, runFresh)
}

/** Goes on with a job whose cell was started and fed by an earlier process. */
export function startAdoption(context: JobContext, job: Job, cell: CellRef): Attempt {
  return begin(context, job, (live) => runAdopted(live, cell))
}

/** What the steps of one attempt share. */
interface LiveAttempt {
  readonly context: JobContext
  readonly job: Job
  readonly request: { readonly config: RunConfig; readonly options: RunOptions }
  readonly signal: AbortSignal
  /** Containers to be removed once the end of the attempt is stored: until then they can be adopted once more. */
  readonly left: string[]
  /** Appends an event after all earlier ones of this attempt; without effect for a job that somebody else holds. */
  readonly record: (event: JobEvent) => Promise<void>
}

function begin(context: JobContext, job: Job, run: (live: LiveAttempt) => Promise<FinishedRun | null>): Attempt {
  const { id, attempt } = job
  const control = new AbortController()
  if (job.cancelRequested) control.abort()
  const renewal = setInterval(() => void renew(context, job, control), RENEW_MS)
  const done = attemptJob(context, job, control.signal, run)
    .catch((error: unknown) => reportLoss(context, job, error))
    .finally(() => {
      clearInterval(renewal)
      context.feed.setProgress(id, null)
    })
  return { id, attempt, done, cancel: () => control.abort(), release: () => control.abort(RELEASE) }
}

async function renew({ store, log }: JobContext, { id, attempt }: Job, control: AbortController): Promise<void> {
  const held = await store.renew(id, attempt, Date.now() + LEASE_MS).catch(() => true)
  if (held || control.signal.aborted) return
  log('warn', 'Lost the lease of a job', { job: id, attempt })
  control.abort(LOST)
}

/** Nothing more can be written for this attempt; its lease will end, and the job is tried again. */
function reportLoss({ log }: JobContext, { id, attempt }: Job, error: unknown): void {
  const stale = error instanceof PlatformError && error.code === 'stale_attempt'
  const message = error instanceof Error ? error.message : String(error)
  log(stale ? 'info' : 'error', `Cannot go on with an attempt: ${message}`, { job: id, attempt })
}

async function attemptJob(
  context: JobContext,
  job: Job,
  signal: AbortSignal,
  run: (live: LiveAttempt) => Promise<FinishedRun | null>,
): Promise<void> {
  const { id, attempt } = job
  const request = await context.store.request(id)
  if (request === null) throw new PlatformError('invariant', `Cannot run job "${id}": its configuration is not stored`)
  let tail: Promise<unknown> = Promise.resolve()
  const live: LiveAttempt = {
    left: [],
    context,
    job,
    request,
    signal,
    async record(event) {
      const next = tail.then(async () => await recordEvents(context, id, () => [event]))
      tail = next.catch(() => {})
      await next
    },
  }
  let end: FinishedRun | null
  try {
    end = await run(live)
  } catch (error) {
    end = endOfError(error, attempt)
  }
  await tail
  if (signal.reason === LOST) return
  const now = await context.store.get(id)
  if (now === null || now.attempt !== attempt) return
  if (signal.reason === RELEASE && !now.cancelRequested && isReleased(end)) {
    await letGo(context, now)
    return
  }
  if (end === null || isRetried(now, end.outcome, await retriesOf(context, id))) {
    await backOff(context, attempt, signal)
    const lost = { cause: 'lost', reason: 'what the cell of an earlier process left is of no use' } as const
    await retryJob(context, job, end === null ? lost : { cause: 'infra', reason: end.outcome.message })
    await removeLeft(live)
    return
  }
  await finishJob(context, { id, attempt, request }, end)
  await removeLeft(live)
}

async function removeLeft({ context, left }: LiveAttempt): Promise<void> {
  for (const containerId of left) await context.deps.removeCell(containerId)
}

/**
 * A pause before the next attempt, in which this one keeps its slot; as long as there is no engine, nothing else could run
 * either, and a queue must not be used up against one that is only being restarted.
 */
async function backOff({ deps }: JobContext, attempt: number, signal: AbortSignal): Promise<void> {
  await pause(BACK_OFF_MS * attempt, signal)
  const end = performance.now() + ENGINE_AWAY_MS
  while (!signal.aborted && performance.now() < end && !(await deps.isEngineThere()))
    await pause(ENGINE_POLL_MS, signal)
}

/** This process ends: a cell that is fed goes on, and is adopted by the next one; everything else starts anew there. */
async function letGo(context: JobContext, job: Job): Promise<void> {
  if (!job.fed || job.state !== 'running') {
    await retryJob(context, job, { cause: 'released', reason: 'the service ended' })
    return
  }
  sayInLog(context.logs, job.id, 'The service ends; the cell goes on')
  await context.logs.close(job.id)
}

/** Whether an end says nothing but that we let go. */
function isReleased(end: FinishedRun | null): boolean {
  if (end === null) return true
  const { kind, reason } = end.outcome
  return kind === 'cancelled' || (kind === 'platform_error' && reason === 'infra')
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

async function runFresh(live: LiveAttempt): Promise<FinishedRun> {
  const { context, job, request, signal, record } = live
  const { id, attempt } = job
  const log = policyLog(live, 0)
  const audited: AuditedCell[] = []
  const note = (event: JobEvent): void => void record(event).catch((error: unknown) => reportLoss(context, job, error))
  try {
    await context.audit.require(auditOfTaking(context, job))
    return await runBacktest(context.deps, {
      job: id,
      mode: 'run',
      attempt,
      ...request,
      signal,
      onEvent: (event) => showProgress(context, id, event),
      onLog: (entry) => log.add(entry),
      async onCell(cell, policy, image) {
        const name = attemptCellName(id, attempt)
        const ref: CellRef = { cellId: cell.id, containerId: cell.containerId, name, image: image.id }
        const own = auditCell(context.audit, cell, { job: id, attempt, policy, image, signal })
        audited.push(own)
        const started = record({ type: 'started', attempt, cell: ref, deadline: Date.now() + policy.wallTimeMs })
        await Promise.all([own.started, started.then(async () => await cell.rename(name))])
      },
      onProofCell: async (...cell) => await auditProofCell(live, audited, cell),
      onFed: () => note({ type: 'fed', attempt }),
      onAnswered: () => note({ type: 'answered', attempt }),
    })
  } finally {
    for (const { ended } of audited) await ended
    await log.end()
  }
}

/** The cell of a look-ahead proof is no attempt: it is audited, and nothing is adopted of it. */
async function auditProofCell(
  { context, job, signal }: LiveAttempt,
  audited: AuditedCell[],
  [cell, policy, image]: Parameters<NonNullable<RunRequest['onProofCell']>>,
): Promise<void> {
  const own = auditCell(context.audit, cell, { job: job.id, attempt: job.attempt, policy, image, signal })
  audited.push(own)
  await own.started
}

/** Null: what the cell left is of no use, the job has to be run again. */
async function runAdopted(live: LiveAttempt, cell: CellRef): Promise<FinishedRun | null> {
  const { context, job, request, signal, record } = live
  const { id, attempt } = job
  live.left.push(cell.containerId)
  await context.audit.require({ type: 'job_adopted', job: id, attempt, worker: context.worker })
  const skip = await countWritten(context, id, attempt)
  sayInLog(context.logs, id, `Adopted the cell of attempt ${attempt} from an earlier process`)
  const log = policyLog(live, skip)
  const audited: AuditedCell[] = []
  try {
    return await adoptRun(context.deps, {
      job,
      cell,
      request,
      signal,
      onEvent: (event) => showProgress(context, id, event),
      onLog: (entry) => log.add(entry),
      onProofCell: async (...cell) => await auditProofCell(live, audited, cell),
      async onEnd(end) {
        const facts = await factsOf(end)
        context.audit.note({ type: 'cell_ended', job: id, attempt, cell: cell.cellId, ...facts })
      },
      async onAnswered() {
        // The earlier process may have come so far
        if (job.state === 'running') await record({ type: 'answered', attempt })
      },
    })
  } finally {
    for (const { ended } of audited) await ended
    await log.end()
  }
}
