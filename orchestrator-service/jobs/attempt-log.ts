import type { LogEntry } from '../logs/job-log.ts'
import type { CellLog } from '../sandbox/event-lines.ts'
import { type JobContext, sayInLog } from './job-context.ts'

/** What a cell says in one attempt, on its way to the job's log. */
export interface AttemptLog {
  /** Name it as `onLog` of a run. */
  add(entry: CellLog): void
  /** Says what was left out, and writes everything. @throws the error of a write */
  end(): Promise<void>
}

/**
 * Entries of one attempt up to `capBytes`; more are counted, not written.
 * @param skip entries at the beginning that an earlier process has written
 */
export function createAttemptLog(
  { logs }: Pick<JobContext, 'logs'>,
  id: string,
  options: { readonly capBytes: number; readonly skip?: number },
): AttemptLog {
  let skip = options.skip ?? 0
  let bytes = 0
  let left = 0
  return {
    add(entry) {
      bytes += sizeOf(entry)
      if (bytes > options.capBytes) left += 1
      else if (skip > 0) skip -= 1
      else logs.append(id, entry)
    },
    async end() {
      if (left > 0) {
        const text = `${left} more entries were left out: the log of an attempt has at most ${options.capBytes} bytes`
        sayInLog(logs, id, text, { level: 'warn' })
      }
      await logs.close(id)
    },
  }
}

/** Text of the entry and what a line has beside it. */
function sizeOf(entry: CellLog): number {
  return 128 + Buffer.byteLength(entry.text) + (entry.fields === null ? 0 : JSON.stringify(entry.fields).length)
}

/** The first entry of each attempt; `countWritten` finds it again. */
export function beginAttempt({ logs }: Pick<JobContext, 'logs'>, id: string, attempt: number): void {
  sayInLog(logs, id, `Attempt ${attempt} taken`, { fields: { event: 'taken', attempt } })
}

const READ_BYTES = 1024 * 1024

/** Entries of the cell that an earlier process wrote for an attempt. */
export async function countWritten({ logs }: Pick<JobContext, 'logs'>, id: string, attempt: number): Promise<number> {
  let count = 0
  let from = 0
  for (;;) {
    const { bytes, next } = await logs.read(id, { from, maxBytes: READ_BYTES })
    if (next === from) return count
    from = next
    for (const line of Buffer.from(bytes).toString('utf8').split('\n')) {
      if (line === '') continue
      const { source, fields } = JSON.parse(line) as LogEntry
      if (source !== 'system') count += 1
      else if (fields?.['event'] === 'taken' && fields['attempt'] === attempt) count = 0
    }
  }
}
