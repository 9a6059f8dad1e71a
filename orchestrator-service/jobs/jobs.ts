import type { JobProgress } from '../../src/protocol/job.ts'
import type { StrategyInspection } from '../../src/protocol/runner-result.ts'
import type { Outcome } from '../../src/protocol/outcome.ts'
import type { Job, Role } from '../store/ports.ts'

/** What the API asks for. Whom a job belongs to is checked by the caller. */
export interface Jobs {
  /**
   * Parses, stores and queues a submission.
   * @throws PlatformError invalid_config (with pointers), forbidden (the policy, to that role), policy_unavailable, queue_full, too_many_jobs, idempotency_conflict, service_unavailable (draining)
   */
  submit(submission: {
    readonly owner: string
    /** Key that asks; left out: the owner himself, in this process. */
    readonly by?: string
    /** Of that key: it decides which policies may be asked for. Left out: user. */
    readonly role?: Role
    /** The body as parsed strictly. */
    readonly raw: unknown
    readonly idempotency: { readonly key: string; readonly bodyHash: string } | null
  }): Promise<{ job: Job; created: boolean }>
  /** A new job of `owner` with the inputs of a completed run. @throws unknown_run, not_finished, and what `submit` throws */
  submitAgain(id: string, who: { readonly owner: string; readonly by: string; readonly role?: Role }): Promise<Job>
  /** A finished job stays as it is. @throws unknown_run */
  cancel(id: string, by: string): Promise<Job>
  /** Removes a finished job and its run directory. @throws unknown_run, not_finished */
  delete(id: string, by: string): Promise<void>
  /** Loads and describes a strategy in a cell of its own, outside the queue. @throws invalid_config, forbidden, policy_unavailable, queue_full */
  inspect(
    raw: unknown,
    signal: AbortSignal,
    role?: Role,
  ): Promise<{ outcome: Outcome; inspection: StrategyInspection | null }>
  /** Queue position and estimated ms to the end. */
  outlook(job: Job): Promise<{ position: number | null; estimateMs: number | null }>
}

export type FeedTopic = 'state' | 'progress' | 'log'

/**
 * What is new about jobs, for followers in this process. It carries no truth: whoever is told looks into the store or the
 * log. Only the latest progress of a running job lives here.
 */
export interface JobFeed {
  progress(id: string): JobProgress | null
  /** Calls back after each change; the answer ends it. */
  subscribe(id: string, listener: (topic: FeedTopic) => void): () => void
}
