import type { JobState } from '../../src/protocol/job.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { JobEvent, JobStatus } from '../jobs/job-state.ts'

/**
 * Theory of operation. The job store is the only truth about jobs; queues and wake-ups are hints. Every change is one atomic
 * step: a pure decision over the job as it is now answers with events, which are appended and summed up in the same
 * transaction. Everything is asynchronous, so that a server can stand behind the same port; times are ms and come from
 * the caller.
 */

/** What is known of a job from its submission on. */
export interface JobIdentity {
  readonly id: string
  readonly owner: string
  /** Order of submission in this store; age in the queue. */
  readonly sequence: number
  readonly createdAt: number
  readonly strategy: string
  readonly market: string
  readonly symbols: readonly string[]
  readonly interval: string
  readonly policy: string
  readonly priority: number
  readonly labels: Readonly<Record<string, string>>
  readonly verifies: string | null
}

export interface Job extends JobIdentity, JobStatus {
  /** Number of events so far. */
  readonly version: number
  /** When the newest attempt was taken. */
  readonly startedAt: number | null
  readonly finishedAt: number | null
  /** Until when the holder of the attempt has the job; null: nobody has it. */
  readonly leaseUntil: number | null
}

export interface NewJob {
  readonly id: string
  readonly owner: string
  readonly createdAt: number
  readonly config: RunConfig
  readonly options: RunOptions
  readonly verifies: string | null
  readonly idempotency: { readonly key: string; readonly bodyHash: string } | null
}

export interface StoredEvent {
  /** 1, 2, …: order within the job. */
  readonly sequence: number
  readonly at: number
  readonly event: JobEvent
}

export interface JobQuery {
  /** Null: of everybody. */
  readonly owner: string | null
  /** One of these; left out: any. */
  readonly states?: readonly JobState[]
  readonly strategy?: string
  readonly symbol?: string
  readonly label?: { readonly name: string; readonly value: string }
  /** Inclusive. */
  readonly createdFrom?: number
  /** Exclusive. */
  readonly createdTo?: number
  /** As answered by the page before. */
  readonly cursor?: string
  readonly limit: number
}

/** A stored job that cannot be read: it is never taken, and changed by nothing. */
export interface DamagedJob {
  readonly id: string
  /** What of it is damaged. */
  readonly message: string
}

/** How many jobs may wait. */
export interface QueueRules {
  readonly maxQueued: number
  /** Of one owner; left out: as many as of all. */
  readonly maxQueuedPerOwner?: number
}

export interface JobStore extends AsyncDisposable {
  /**
   * Stores a job, or finds the one that the same owner submitted with the same idempotency key.
   * @throws PlatformError queue_full (`maxQueued` jobs wait already), too_many_jobs (`maxQueuedPerOwner` of the same owner
   * do), idempotency_conflict (same key, other body)
   */
  submit(job: NewJob, rules: QueueRules): Promise<{ job: Job; created: boolean }>
  get(id: string): Promise<Job | null>
  /** What is to be run. */
  request(id: string): Promise<{ config: RunConfig; options: RunOptions } | null>
  /** Ids of completed jobs of the same owner with the same configuration that have results of their own, newest first. */
  completedLike(id: string, limit: number): Promise<string[]>
  /** Newest first. @throws PlatformError invalid_request for a cursor that is none */
  list(query: JobQuery): Promise<{ jobs: Job[]; damaged: DamagedJob[]; cursor: string | null }>
  /** In their order, those after `after`. */
  events(id: string, after?: number): Promise<StoredEvent[]>
  /**
   * The waiting job with the highest priority; within one, owners take turns and each gives his oldest. Leased to `worker`.
   * Null: none waits.
   */
  take(options: {
    readonly worker: string
    readonly now: number
    readonly leaseMs: number
    /** Only this job. */
    readonly only?: string
  }): Promise<Job | null>
  /** Prolongs a lease; false: the attempt is not the newest, or the job has ended. */
  renew(id: string, attempt: number, leaseUntil: number): Promise<boolean>
  /**
   * One atomic step. `decide` must be pure; it may be called again when somebody else was faster.
   * @throws PlatformError unknown_run, and what `transition` throws: nothing is changed then
   */
  update(id: string, now: number, decide: (job: Job) => readonly JobEvent[]): Promise<Job>
  /** Preparing, running and verifying jobs, oldest first; with `expiredAt` only those whose lease ended before it. Damaged ones are left out. */
  active(expiredAt?: number): Promise<Job[]>
  /** Jobs that are taken before this one as things are; null: it does not wait. */
  position(id: string): Promise<number | null>
  countByState(): Promise<Readonly<Record<JobState, number>>>
  /** ms from taken to finished of the newest completed jobs, newest first. */
  recentDurations(limit: number): Promise<number[]>
  /** Removes a job that has ended with its events. @throws PlatformError unknown_run, not_finished */
  delete(id: string): Promise<void>
}

export const ROLES = ['user', 'admin', 'auditor'] as const
export type Role = (typeof ROLES)[number]

export interface ApiKey {
  /** `k-` and letters: names the key, opens nothing. */
  readonly id: string
  readonly owner: string
  readonly role: Role
  readonly createdAt: number
  readonly revokedAt: number | null
}

export interface KeyStore {
  /** Stores the key with the hash of its secret. */
  add(key: ApiKey, secretHash: string): Promise<void>
  /** The key whose secret has this hash, revoked ones too. */
  find(secretHash: string): Promise<ApiKey | null>
  list(): Promise<ApiKey[]>
  /** @throws PlatformError unknown_key */
  revoke(id: string, at: number): Promise<ApiKey>
}

/** All that one data directory (or one server) stores about jobs and users. */
export interface JobStores extends AsyncDisposable {
  readonly jobs: JobStore
  readonly keys: KeyStore
  /**
   * Writes a consistent copy to a new file while the store is in use.
   * @throws PlatformError usage (the file exists already), service_unavailable
   */
  backup(target: string): Promise<void>
}
