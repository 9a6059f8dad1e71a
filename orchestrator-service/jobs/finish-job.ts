import { PlatformError } from '../../src/errors.ts'
import { isFinal } from '../../src/protocol/job.ts'
import type { Outcome } from '../../src/protocol/outcome.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { Job } from '../store/ports.ts'
import { finishRun, type FinishedRun } from './finish-run.ts'
import { describeHistory } from './job-history.ts'
import { closeLog, type JobContext, recordEvents, sayInLog } from './job-context.ts'
import { countRetries, MAX_RETRIES, type RetryCause } from './job-state.ts'
import { completeOutcome, type OutcomeCore } from './run-outcome.ts'
import { isDiskError } from './until-stored.ts'

/** A run that ended before it had a cell, or instead of one. */
export function endWithout(core: OutcomeCore, attempt: number): FinishedRun {
  return {
    outcome: completeOutcome(core, { exit: null, wallMs: 0, bars: null, attempt }),
    verdict: null,
    proof: null,
    data: null,
    exit: null,
    image: null,
    attestation: null,
    resumedUnits: 0,
    timings: {},
  }
}

/** What a failure of the host itself means for the job: an outcome like every other end. */
export function endOfError(error: unknown, attempt: number): FinishedRun {
  const retryCause = causeOfError(error)
  if (!(error instanceof PlatformError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { ...endWithout({ kind: 'platform_error', reason: 'infra', message }, attempt), retryCause }
  }
  const { code, message, hint } = error
  if (code === 'invalid_config') {
    const pointer = error.errors[0]?.pointer ?? null
    return endWithout({ kind: 'invalid_config', reason: null, message, hint, pointer }, attempt)
  }
  const reason = code === 'invariant' ? 'invariant' : 'infra'
  return { ...endWithout({ kind: 'platform_error', reason, message, hint }, attempt), retryCause }
}

/** An engine that answered with an error was there; one that did not answer is hung, restarts or is gone. */
function causeOfError(error: unknown): RetryCause {
  if (isDiskError(error)) return 'disk'
  if (!(error instanceof PlatformError)) return 'infra'
  const isAway = error.code === 'engine_timeout' || (error.code === 'engine_unavailable' && 'error' in error.details)
  return isAway ? 'engine' : 'infra'
}

const CANCELLED: OutcomeCore = { kind: 'cancelled', reason: null, message: 'Cancelled' }

/** The same end, but cancelled: figures that nobody asked for any more are dropped. */
function asCancelled(end: FinishedRun): FinishedRun {
  if (end.outcome.kind === 'cancelled') return end
  const outcome: Outcome = { ...end.outcome, ...CANCELLED, hint: null, location: null, pointer: null }
  return { ...end, outcome, verdict: null }
}

/** The same end, whose message says what happened on the way. */
function withHistory(end: FinishedRun, history: string | null): FinishedRun {
  if (history === null) return end
  return { ...end, outcome: { ...end.outcome, message: `${end.outcome.message} (${history})` } }
}

/** Writes the result of a job that is cancelled before it was ever taken. */
export async function saveCancelled(
  { deps }: Pick<JobContext, 'deps'>,
  job: Job,
  request: { config: RunConfig; options: RunOptions },
): Promise<Outcome> {
  const end = endWithout(CANCELLED, job.attempt)
  await finishRun(deps.runs, { id: job.id, ...request, end, createdAt: new Date(job.createdAt).toISOString() })
  return end.outcome
}

/**
 * Stores the result, then the end in the job; a crash between both leaves a job that has not ended and is recovered. A
 * cancel that comes between both wins: the result is written again as what the job will say.
 * @throws PlatformError stale_attempt when somebody else holds the job
 */
export async function finishJob(
  context: JobContext,
  attempt: {
    readonly id: string
    readonly attempt: number
    readonly request: { config: RunConfig; options: RunOptions }
  },
  end: FinishedRun,
): Promise<Job> {
  const { store, deps, feed } = context
  const { id, request } = attempt
  return await context.exclusive(id, async () => {
    for (;;) {
      const job = await store.get(id)
      if (job === null || isFinal(job.state) || job.attempt !== attempt.attempt)
        throw new PlatformError(
          'stale_attempt',
          `Cannot finish job "${id}": attempt ${attempt.attempt} is not its newest`,
        )
      const history = describeHistory((await store.events(id)).map(({ event }) => event))
      const ending = withHistory(job.cancelRequested ? asCancelled(end) : end, history)
      const { outcome } = ending
      const createdAt = new Date(job.createdAt).toISOString()
      const result = await finishRun(deps.runs, { id, ...request, end: ending, createdAt })
      feed.setProgress(id, null)
      const after = await recordEvents(context, id, (now) => {
        if (now.cancelRequested !== (outcome.kind === 'cancelled')) return []
        const { fingerprint } = result
        const totalReturn = result.summary?.metrics.total_return.value ?? null
        return [{ type: 'finished', attempt: attempt.attempt, outcome, fingerprint, totalReturn }]
      })
      if (isFinal(after.state)) return after
      if (!after.cancelRequested)
        throw new PlatformError('invariant', `Cannot finish job "${id}": its run was cancelled, the job was not`)
    }
  })
}

/**
 * A job whose attempt came to nothing: back to the queue, or to its end where that was asked for.
 * @throws PlatformError stale_attempt when somebody else holds the job
 */
export async function retryJob(
  context: JobContext,
  job: { readonly id: string; readonly attempt: number },
  { cause, reason }: { readonly cause: RetryCause; readonly reason: string },
): Promise<void> {
  const { id, attempt } = job
  const retries = await retriesOf(context, id)
  if (cause !== 'infra' && retries[cause] >= MAX_RETRIES[cause]) {
    const what = cause === 'lost' ? 'The service was lost' : `The ${cause} failed`
    const message = `${what} ${retries[cause] + 1} times while it ran this job`
    await endJob(context, { id, attempt }, { kind: 'platform_error', reason: 'infra', message })
    return
  }
  const after = await recordEvents(context, id, (now) => {
    if (isFinal(now.state) || now.state === 'queued' || now.attempt !== attempt || now.cancelRequested) return []
    return [{ type: 'retried', attempt, cause, reason: reason.slice(0, 1000) }]
  })
  if (after.attempt !== attempt || isFinal(after.state)) return
  if (after.cancelRequested) {
    await endJob(context, { id, attempt }, CANCELLED)
    return
  }
  sayInLog(context.logs, id, `Attempt ${attempt} is tried again: ${reason}`, { level: 'warn' })
  await closeLog(context, id)
}

/** How often a job went back to the queue, and why. */
export async function retriesOf({ store }: Pick<JobContext, 'store'>, id: string): Promise<Record<RetryCause, number>> {
  return countRetries((await store.events(id)).map(({ event }) => event))
}

async function endJob(
  context: JobContext,
  { id, attempt }: { readonly id: string; readonly attempt: number },
  core: OutcomeCore,
): Promise<void> {
  const request = await readRequest(context, { id, attempt })
  if (request !== null) await finishJob(context, { id, attempt, request }, endWithout(core, attempt))
}

/**
 * What a job is to run. One whose request cannot be read (null) has ended then, without a file of its result: to try again
 * would not help it.
 */
export async function readRequest(
  context: JobContext,
  { id, attempt }: { readonly id: string; readonly attempt: number },
): Promise<{ config: RunConfig; options: RunOptions } | null> {
  try {
    const request = await context.store.request(id)
    if (request !== null) return request
    throw new PlatformError('invariant', `Cannot run job "${id}": its configuration is not stored`)
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'invariant') throw error
    const end = endOfError(error, attempt)
    await recordEvents(context, id, (job) => {
      if (isFinal(job.state) || job.state === 'queued' || job.attempt !== attempt) return []
      const { outcome } = job.cancelRequested ? asCancelled(end) : end
      return [{ type: 'finished', attempt, outcome, fingerprint: null, totalReturn: null }]
    })
    context.log('error', error.message, { job: id })
    return null
  }
}
