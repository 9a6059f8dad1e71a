import { PlatformError } from '../../src/errors.ts'
import { isFinal, type JobState } from '../../src/protocol/job.ts'
import type { Outcome } from '../../src/protocol/outcome.ts'

/**
 * Theory of operation. The life of a job as a pure function over its events. Events are appended to the store and never
 * changed; the columns of a job are nothing but their sum, so that the log alone rebuilds them. `attempt` is the fencing
 * token: who holds an older one changes nothing any more.
 *
 *   queued ─taken─► preparing ─started─► running ─answered─► verifying ─finished─► completed | failed | cancelled | timed_out
 *                       └──────────── retried (back to queued) ────────────┘
 *
 * `adopted` changes only who holds a cell that is fed. `reused` goes from preparing to verifying without a cell.
 */

/** The container of an attempt, written down before a byte is sent to it. */
export interface CellRef {
  readonly cellId: string
  readonly containerId: string
  readonly name: string
  readonly image: string
}

/**
 * Why an attempt came to nothing. infra: the engine or the host failed it. engine: the engine was restarted, or away.
 * disk: nothing could be written. lost: who had it is gone (crash, kill). released: who had it ended in good order.
 */
export const RETRY_CAUSES = ['infra', 'engine', 'disk', 'lost', 'released'] as const
export type RetryCause = (typeof RETRY_CAUSES)[number]

/** lost: the process that started the cell is gone. engine: an engine that was restarted has cut the cell's connection. */
export const ADOPT_CAUSES = ['lost', 'engine'] as const
export type AdoptCause = (typeof ADOPT_CAUSES)[number]

export type JobEvent =
  | { readonly type: 'submitted' }
  | { readonly type: 'taken'; readonly attempt: number; readonly worker: string }
  /** Durable before the first byte on stdin. `deadline`: ms, the wall time of the policy ends then. */
  | { readonly type: 'started'; readonly attempt: number; readonly cell: CellRef; readonly deadline: number }
  /** All of stdin is sent: from now on the cell ends by itself, whatever becomes of the host. */
  | { readonly type: 'fed'; readonly attempt: number }
  /** Somebody else goes on with the cell of the attempt: `cause` is why the one before does not. */
  | { readonly type: 'adopted'; readonly attempt: number; readonly worker: string; readonly cause: AdoptCause }
  | { readonly type: 'answered'; readonly attempt: number }
  /** Instead of a cell of its own: the result of a run with the same inputs (X1). */
  | { readonly type: 'reused'; readonly attempt: number; readonly source: string }
  | { readonly type: 'retried'; readonly attempt: number; readonly cause: RetryCause; readonly reason: string }
  | { readonly type: 'cancel_requested'; readonly by: string }
  | {
      readonly type: 'finished'
      readonly attempt: number
      readonly outcome: Outcome
      readonly fingerprint: string | null
      readonly totalReturn: number | null
    }

export interface JobStatus {
  readonly state: JobState
  /** 0: never taken. */
  readonly attempt: number
  readonly worker: string | null
  readonly cell: CellRef | null
  readonly deadline: number | null
  readonly fed: boolean
  readonly cancelRequested: boolean
  /** Run whose result stands for that of this job; null: it has, or will have, its own. */
  readonly cachedFrom: string | null
  readonly outcome: Outcome | null
  readonly fingerprint: string | null
  readonly totalReturn: number | null
}

export const NO_STATUS: JobStatus = {
  state: 'queued',
  attempt: 0,
  worker: null,
  cell: null,
  deadline: null,
  fed: false,
  cancelRequested: false,
  cachedFrom: null,
  outcome: null,
  fingerprint: null,
  totalReturn: null,
}

/** Attempts that may fail as platform_error(infra) and be followed by another one. */
const MAX_INFRA_RETRIES = 2
/** A job with which the service or the engine went down so often may be the reason for it. */
export const MAX_LOSSES = 20

/** The state in which an outcome leaves a job. */
export function finalState(outcome: Pick<Outcome, 'kind' | 'reason'>): JobState {
  if (outcome.kind === 'ok') return 'completed'
  if (outcome.kind === 'cancelled') return 'cancelled'
  return outcome.kind === 'limit_exceeded' && outcome.reason === 'wall_time' ? 'timed_out' : 'failed'
}

/** How often a job goes back to the queue for a reason; the end of a process in good order says nothing against it. */
export const MAX_RETRIES: Readonly<Record<RetryCause, number>> = {
  infra: MAX_INFRA_RETRIES,
  engine: MAX_LOSSES,
  disk: MAX_LOSSES,
  lost: MAX_LOSSES,
  released: Infinity,
}

/** Whether an attempt that ended like this may be followed by another one. */
export function isRetryable(
  status: Pick<JobStatus, 'cancelRequested'>,
  outcome: Pick<Outcome, 'kind' | 'reason'>,
): boolean {
  return outcome.kind === 'platform_error' && outcome.reason === 'infra' && !status.cancelRequested
}

/**
 * The status after one more event.
 * @throws PlatformError stale_attempt (a newer attempt exists, or the job has ended), invariant (an event out of order)
 */
export function transition(status: JobStatus | null, event: JobEvent): JobStatus {
  if (status === null) {
    if (event.type !== 'submitted') throw outOfOrder('new', event)
    return NO_STATUS
  }
  if (isFinal(status.state)) throw stale(status, event)
  if (event.type === 'submitted') throw outOfOrder(status.state, event)
  if (event.type === 'cancel_requested') return { ...status, cancelRequested: true }
  if (event.type === 'taken') return take(status, event)
  if (event.attempt !== status.attempt) throw stale(status, event)
  if (event.type === 'finished') return finish(status, event)
  if (status.state === 'queued') throw stale(status, event)
  switch (event.type) {
    case 'started':
      if (status.state !== 'preparing') throw outOfOrder(status.state, event)
      return { ...status, state: 'running', cell: event.cell, deadline: event.deadline }
    case 'fed':
      if (status.state !== 'running' || status.fed) throw outOfOrder(status.state, event)
      return { ...status, fed: true }
    case 'adopted':
      if (!status.fed) throw outOfOrder(status.state, event)
      return { ...status, worker: event.worker }
    case 'answered':
      if (status.state !== 'running') throw outOfOrder(status.state, event)
      return { ...status, state: 'verifying' }
    case 'reused':
      if (status.state !== 'preparing') throw outOfOrder(status.state, event)
      return { ...status, state: 'verifying', cachedFrom: event.source }
    case 'retried':
      return { ...status, state: 'queued', cachedFrom: null, worker: null, cell: null, deadline: null, fed: false }
  }
}

function take(status: JobStatus, event: JobEvent & { type: 'taken' }): JobStatus {
  if (status.state !== 'queued' || event.attempt !== status.attempt + 1) throw stale(status, event)
  return { ...status, state: 'preparing', attempt: event.attempt, worker: event.worker }
}

/**
 * A job that waits can only be cancelled: whoever ends it otherwise has lost it to a retry. The first cause wins, so that
 * after a cancel there is no other end; and nothing is `ok` that was not verified.
 */
function finish(status: JobStatus, event: JobEvent & { type: 'finished' }): JobStatus {
  const { outcome, fingerprint, totalReturn } = event
  const cancelled = outcome.kind === 'cancelled'
  if (status.state === 'queued' && !cancelled) throw stale(status, event)
  if (status.cancelRequested !== cancelled) throw outOfOrder(status.state, event)
  if (outcome.kind === 'ok' && status.state !== 'verifying') throw outOfOrder(status.state, event)
  return { ...status, state: finalState(outcome), outcome, fingerprint, totalReturn }
}

/** How often a job went back to the queue, by cause. */
export function countRetries(events: Iterable<JobEvent>): Record<RetryCause, number> {
  const counts = { infra: 0, engine: 0, disk: 0, lost: 0, released: 0 }
  for (const event of events) if (event.type === 'retried') counts[event.cause]++
  return counts
}

/** The status of a job from its whole log. @throws PlatformError invariant */
export function rebuild(events: Iterable<JobEvent>): JobStatus {
  let status: JobStatus | null = null
  for (const event of events) status = transition(status, event)
  if (status === null) throw new PlatformError('invariant', 'Cannot rebuild a job: it has no events')
  return status
}

function stale(status: JobStatus, event: JobEvent): PlatformError {
  return new PlatformError(
    'stale_attempt',
    `Cannot apply "${event.type}": the job is ${status.state} at attempt ${status.attempt}`,
  )
}

function outOfOrder(state: string, event: JobEvent): PlatformError {
  return new PlatformError('invariant', `Cannot apply "${event.type}" to a job that is ${state}`)
}
