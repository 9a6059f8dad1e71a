import { isFinal } from '../../src/protocol/job.ts'
import type { Job } from '../store/ports.ts'
import type { JobContext } from './job-context.ts'

const HISTORY = 50

function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A clock that was set back makes jobs that ended before they began. */
function wholeMs(ms: number): number {
  return Math.max(0, Math.round(ms))
}

/** When a place in a full queue is to be expected. */
export function retryAfterSeconds(durations: readonly number[], concurrency: number): number {
  return Math.min(3600, Math.max(1, Math.ceil((medianOf(durations) ?? 0) / concurrency / 1000)))
}

/** Place in the queue and expected ms to the end, from the newest completed jobs; null: nothing can be said. */
export async function estimateJob(
  { store, config }: Pick<JobContext, 'store' | 'config'>,
  job: Job,
): Promise<{ position: number | null; estimateMs: number | null }> {
  if (isFinal(job.state)) return { position: null, estimateMs: null }
  const position = job.state === 'queued' ? await store.position(job.id) : null
  const median = medianOf(await store.recentDurations(HISTORY))
  if (median === null) return { position, estimateMs: null }
  if (position !== null)
    return { position, estimateMs: wholeMs(median * (1 + Math.floor(position / config.concurrency))) }
  return { position, estimateMs: wholeMs(median - (Date.now() - (job.startedAt ?? Date.now()))) }
}
