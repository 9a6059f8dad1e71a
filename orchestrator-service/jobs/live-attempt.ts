import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { Job } from '../store/ports.ts'
import type { JobContext } from './job-context.ts'
import type { JobEvent } from './job-state.ts'

/** What the steps of one attempt share. */
export interface LiveAttempt {
  readonly context: JobContext
  readonly job: Job
  readonly request: { readonly config: RunConfig; readonly options: RunOptions }
  readonly signal: AbortSignal
  /** Settles when the end of the attempt is stored, or cannot be: until then its cell can be adopted. */
  readonly over: Promise<void>
  /** What is to be done, or waited for, after that. */
  readonly left: ((isStored: boolean) => Promise<void>)[]
  /** Appends an event after all earlier ones of this attempt; without effect for a job that somebody else holds. */
  readonly record: (event: JobEvent) => Promise<void>
  /** The same, again and again while the disk is full: for what has happened already. */
  readonly note: (event: JobEvent) => void
}
