import { isFinal } from '../../../src/protocol/job.ts'
import type { LogEntry } from '../../logs/job-log.ts'
import { type LogFilter, passes } from '../../logs/log-filter.ts'
import type { ApiContext } from '../context.ts'
import { watchJob } from './job-changes.ts'

const CHUNK_BYTES = 256 * 1024
const LOOK_AGAIN_MS = 15_000
/** Lines of a job's log from a byte offset on; with `follow` until the job has ended. */
export async function* jobLogLines(
  app: ApiContext,
  id: string,
  options: { from: number; follow: boolean; filter: LogFilter; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const { follow, filter, signal } = options
  let offset = options.from
  using changes = watchJob(app.feed, id, signal)
  for (;;) {
    const job = follow ? await app.stores.jobs.get(id) : null
    for (;;) {
      const { bytes, next } = await app.logs.read(id, { from: offset, maxBytes: CHUNK_BYTES })
      if (bytes.length === 0) break
      offset = next
      const kept = filterLines(bytes, filter)
      if (kept.length > 0) yield kept
      if (signal.aborted) return
    }
    // The log is complete before the last transition, and was read after it
    if (job === null || isFinal(job.state)) return
    await changes.next(LOOK_AGAIN_MS)
    if (signal.aborted) return
  }
}

function filterLines(bytes: Uint8Array, filter: LogFilter): Uint8Array {
  if (filter.level === null && filter.source === null) return bytes
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').split('\n')
  const kept = lines.filter((line) => line !== '' && passes(JSON.parse(line) as LogEntry, filter))
  return Buffer.from(kept.map((line) => `${line}\n`).join(''))
}
