import { PlatformError } from '../../src/errors.ts'
import { RELEASE } from '../sandbox/adopt-cell.ts'
import type { Job } from '../store/ports.ts'
import { beginAttempt } from './attempt-log.ts'
import type { Unusable } from './adopt-run.ts'
import { endOfError, finishJob, readRequest, retriesOf, retryJob } from './finish-job.ts'
import { type FinishedRun, retryCauseOf } from './finish-run.ts'
import { closeLog, type JobContext, pause, recordEvents, sayInLog } from './job-context.ts'
import { type CellRef, isRetryable, MAX_RETRIES, type RetryCause } from './job-state.ts'
import type { LiveAttempt } from './live-attempt.ts'
import { runAdopted, runFresh } from './run-attempt.ts'
import { untilStored } from './until-stored.ts'

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
const LONGEST_BACK_OFF_MS = 2000
const SHUTTING_DOWN_MS = 2500

const LOST = Symbol('lost')

/** Runs a job that was just taken. */
export function startAttempt(context: JobContext, job: Job): Attempt {
  beginAttempt(context, job.id, job.attempt)
  return begin(context, job, runFresh)
}

/** Goes on with a job whose cell was started and fed by an earlier process. */
export function startAdoption(context: JobContext, job: Job, cell: CellRef): Attempt {
  return begin(context, job, (live) => runAdopted(live, { cell, cause: 'lost' }))
}

function begin(context: JobContext, job: Job, run: (live: LiveAttempt) => Promise<FinishedRun | Unusable>): Attempt {
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
  run: (live: LiveAttempt) => Promise<FinishedRun | Unusable>,
): Promise<void> {
  const request = await readRequest(context, job)
  if (request === null) return
  const events = recorderOf(context, job, signal)
  const over = Promise.withResolvers<void>()
  const live: LiveAttempt = { over: over.promise, left: [], context, job, request, signal, ...events }
  let isStored = false
  try {
    isStored = await runAndStore(live, run, events)
  } finally {
    over.resolve()
    for (const step of live.left) await step(isStored)
  }
}

/** False: the end is nobody's to store. */
async function runAndStore(
  live: LiveAttempt,
  run: (live: LiveAttempt) => Promise<FinishedRun | Unusable>,
  { written }: { readonly written: () => Promise<void> },
): Promise<boolean> {
  const { context, job, signal } = live
  const { id, attempt } = job
  let end: FinishedRun | Unusable
  try {
    end = await run(live)
  } catch (error) {
    end = endOfError(error, attempt)
  }
  await written()
  if (signal.reason === LOST) return false
  const now = await context.store.get(id)
  if (now === null || now.attempt !== attempt) return false
  if (signal.reason === RELEASE && !now.cancelRequested && isReleased(end)) {
    await letGo(context, now)
    return false
  }
  await untilStored(context, { id, signal }, async () => await conclude(live, end))
  return true
}

/** The end of the job, or its way back to the queue. */
async function conclude({ context, job, request, signal }: LiveAttempt, end: FinishedRun | Unusable): Promise<void> {
  const { id, attempt } = job
  const now = await context.store.get(id)
  if (now === null || now.attempt !== attempt) return
  if (!('outcome' in end)) {
    await retryJob(context, job, end)
    return
  }
  if (isRetryable(now, end.outcome)) {
    const cause = await backOff(context, attempt, end, signal)
    const retries = await retriesOf(context, id)
    if (retries[cause] < MAX_RETRIES[cause]) {
      const reason = cause === 'engine' ? 'engine restarted: tried again' : end.outcome.message
      await retryJob(context, job, { cause, reason })
      return
    }
  }
  await finishJob(context, { id, attempt, request }, end)
}

/** Events of an attempt, in their order. */
function recorderOf(
  context: JobContext,
  job: Job,
  signal: AbortSignal,
): Pick<LiveAttempt, 'record' | 'note'> & { readonly written: () => Promise<void> } {
  const { id } = job
  let tail: Promise<unknown> = Promise.resolve()
  const append = (step: () => Promise<unknown>): Promise<unknown> => {
    const next = tail.then(step)
    tail = next.catch(() => {})
    return next
  }
  return {
    record: async (event) => void (await append(async () => await recordEvents(context, id, () => [event]))),
    note(event) {
      const step = async () => await recordEvents(context, id, () => [event])
      append(async () => await untilStored(context, { id, signal }, step)).catch((error: unknown) =>
        reportLoss(context, job, error),
      )
    },
    written: async () => void (await tail),
  }
}

/**
 * A pause before the next attempt, in which this one keeps its slot; as long as there is no engine, or no room on the disk,
 * nothing else could run either, and a queue must not be used up against one that is only being restarted. Answers with the
 * cause that this shows. An engine that shuts down kills its cells, and still answers for a moment.
 */
async function backOff(
  { deps }: JobContext,
  attempt: number,
  end: FinishedRun,
  signal: AbortSignal,
): Promise<RetryCause> {
  const isKilled = end.outcome.signal === 'SIGKILL' && end.outcome.killedBy === null
  await pause(isKilled ? SHUTTING_DOWN_MS : Math.min(LONGEST_BACK_OFF_MS, BACK_OFF_MS * attempt), signal)
  const engineAway = !(await deps.isEngineThere())
  const diskFull = !(await deps.isDiskWritable())
  if (engineAway) await deps.untilEngineIsThere(signal)
  if (diskFull) await deps.untilDiskIsWritable(signal)
  const cause = retryCauseOf(end)
  if (cause !== 'infra') return cause
  return engineAway ? 'engine' : diskFull ? 'disk' : 'infra'
}

/** This process ends: a cell that is fed goes on, and is adopted by the next one; everything else starts anew there. */
async function letGo(context: JobContext, job: Job): Promise<void> {
  if (!job.fed || job.state !== 'running') {
    await retryJob(context, job, { cause: 'released', reason: 'the service ended' })
    return
  }
  sayInLog(context.logs, job.id, 'The service ends; the cell goes on')
  await closeLog(context, job.id)
}

/** Whether an end says nothing but that we let go. */
function isReleased(end: FinishedRun | Unusable): boolean {
  if (!('outcome' in end)) return true
  const { kind, reason } = end.outcome
  return kind === 'cancelled' || (kind === 'platform_error' && reason === 'infra')
}
