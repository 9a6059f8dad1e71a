import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Config } from '../config.ts'
import type { RunDeps } from '../deps.ts'
import type { LogEntry } from '../logs/job-log.ts'
import type { JobLogs } from '../logs/job-logs.ts'
import type { Job, JobStore } from '../store/ports.ts'
import { auditOfEvent } from './audit-job.ts'
import type { JobFeedSource } from './job-feed.ts'
import type { JobEvent } from './job-state.ts'

/** A word of the service about itself. */
export type ServiceLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  text: string,
  fields?: Readonly<Record<string, unknown>>,
) => void

/** What everything that moves jobs shares. */
export interface JobContext {
  readonly config: Pick<Config, 'cache' | 'concurrency' | 'maxQueued' | 'maxQueuedPerOwner'>
  readonly store: JobStore
  readonly deps: RunDeps
  readonly feed: JobFeedSource
  readonly logs: JobLogs
  readonly log: ServiceLog
  readonly audit: AuditLog
  /** Name of this process as a holder of leases. */
  readonly worker: string
  /** Runs one step after the other for a job, so that files of a run and its row cannot be written against each other. */
  readonly exclusive: <T>(id: string, step: () => Promise<T>) => Promise<T>
}

/** One step of a job; followers and the audit log are told. @throws what `JobStore.update` throws */
export async function recordEvents(
  { store, feed, audit }: Pick<JobContext, 'store' | 'feed' | 'audit'>,
  id: string,
  decide: (job: Job) => readonly JobEvent[],
): Promise<Job> {
  let decided: readonly JobEvent[] = []
  const job = await store.update(id, Date.now(), (now) => (decided = decide(now)))
  for (const event of decided) {
    const said = auditOfEvent(job, event)
    if (said !== null) audit.note(said)
  }
  feed.notify(id, 'state')
  return job
}

/** The host's own word in the log of a job. */
export function sayInLog(
  logs: JobLogs,
  id: string,
  text: string,
  options: { level?: LogEntry['level']; fields?: LogEntry['fields'] } = {},
): void {
  const { level = 'info', fields = null } = options
  logs.append(id, { at: Date.now(), source: 'system', level, unit: null, time: null, text, fields })
}

/** Writes what the log of a job still holds; one that cannot be written keeps nothing from going on. */
export async function closeLog({ logs, log }: Pick<JobContext, 'logs' | 'log'>, id: string): Promise<void> {
  await logs.close(id).catch((error: unknown) => {
    log('error', `Cannot write the log of a job: ${String(error)}`, { job: id })
  })
}

/** A lock for each key; the steps of a key run in the order of their calls. */
export function createKeyedLock(): JobContext['exclusive'] {
  const tails = new Map<string, Promise<unknown>>()
  return async (key, step) => {
    const before = tails.get(key) ?? Promise.resolve()
    const run = before.then(step)
    const tail = run.catch(() => {})
    tails.set(key, tail)
    try {
      return await run
    } finally {
      if (tails.get(key) === tail) tails.delete(key)
    }
  }
}

/** Waits; an abort ends it early. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {})
}
