import type { LogEntry } from '../logs/job-log.ts'
import { type LogFilter, passes } from '../logs/log-filter.ts'
import type { JobLogs } from '../logs/job-logs.ts'
import type { Job, JobStore } from '../store/ports.ts'

/**
 * Theory of operation. Logs are searched job by job, newest job first, each from its beginning. A page ends with enough
 * entries, or when so much was read that an answer is due: then it may hold few entries or none, and its cursor goes on.
 * The cursor names the place in the list of jobs (before the current one) and the byte offset in the job's log.
 */
export type FoundEntry = LogEntry & { readonly job: string; readonly owner: string }

export interface LogSearch {
  /** Null: all jobs. */
  readonly job: string | null
  readonly owner: string | null
  readonly filter: LogFilter
  readonly limit: number
  readonly place: LogPlace
}

export interface LogPlace {
  /** Cursor of the job store before the current job; null: at the newest. */
  readonly before: string | null
  readonly offset: number
}

export interface LogPage {
  readonly entries: readonly FoundEntry[]
  /** Null: there are no more. */
  readonly next: LogPlace | null
}

const READ_BYTES = 64 * 1024
const MAX_READ_BYTES = 16 * 1024 * 1024
const MAX_JOBS = 500

export async function searchLogs(
  app: { readonly store: Pick<JobStore, 'get' | 'list'>; readonly logs: Pick<JobLogs, 'read'> },
  search: LogSearch,
): Promise<LogPage> {
  const { filter, limit, owner } = search
  const entries: FoundEntry[] = []
  let { before, offset } = search.place
  let read = 0
  for (let jobs = 0; jobs < MAX_JOBS && read < MAX_READ_BYTES; jobs += 1) {
    const { job, after } = await nextJob(app.store, { only: search.job, owner, before })
    if (job === null) return { entries, next: null }
    for (;;) {
      const { bytes, next } = await app.logs.read(job.id, { from: offset, maxBytes: READ_BYTES })
      if (bytes.length === 0) break
      read += bytes.length
      for (const { entry, end } of linesOf(bytes, offset)) {
        offset = end
        if (!passes(entry, filter)) continue
        entries.push({ ...entry, job: job.id, owner: job.owner })
        if (entries.length >= limit) return { entries, next: { before, offset } }
      }
      offset = next
      if (read >= MAX_READ_BYTES) return { entries, next: { before, offset } }
    }
    if (after === null) return { entries, next: null }
    before = after
    offset = 0
  }
  return { entries, next: { before, offset } }
}

async function nextJob(
  store: Pick<JobStore, 'get' | 'list'>,
  { only, owner, before }: { only: string | null; owner: string | null; before: string | null },
): Promise<{ job: Job | null; after: string | null }> {
  if (only !== null) {
    const job = await store.get(only)
    return { job: job !== null && (owner === null || job.owner === owner) ? job : null, after: null }
  }
  const { jobs, cursor } = await store.list({ owner, limit: 1, ...(before === null ? {} : { cursor: before }) })
  return { job: jobs[0] ?? null, after: cursor }
}

function* linesOf(bytes: Uint8Array, from: number): Generator<{ entry: LogEntry; end: number }> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let start = 0
  for (let at = buffer.indexOf(10); at >= 0; at = buffer.indexOf(10, start)) {
    const entry = JSON.parse(buffer.toString('utf8', start, at)) as LogEntry
    start = at + 1
    yield { entry, end: from + start }
  }
}
