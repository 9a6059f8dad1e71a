import { isFinal, type JobView } from '../../src/protocol/job.ts'
import type { LogEntry } from '../logs/job-log.ts'
import type { ServiceClient } from './client/service-client.ts'
import { formatEntry } from './format-entry.ts'
import { createProgressView, type ProgressView } from './progress.ts'
import { visible } from './visible.ts'

const EXIT_INTERRUPTED = 130

/**
 * Follows a job to its end, with bar and log on stderr. Ctrl-C cancels the job and goes on until it has ended, so that
 * nothing is left behind; a second one leaves at once.
 */
export async function watchJob(client: ServiceClient, id: string): Promise<JobView> {
  const view = createProgressView(process.stderr, () => performance.now())
  const stop = cancelOnSignal(client, { id, view })
  let waiting: number | null = null
  try {
    for await (const message of client.follow(id, new AbortController().signal)) {
      if (message.type === 'progress') view.show(message.progress)
      else if (message.type === 'log') {
        if (isShown(message.entry)) view.note(`  ${formatEntry(message.entry)}`)
      } else if (message.type === 'end' || isFinal(message.job.state)) return message.job
      else if (message.job.position !== waiting) {
        waiting = message.job.position
        if (waiting !== null && waiting > 0) view.note(`  waiting: ${waiting} before it`)
      }
    }
    return await client.job(id)
  } finally {
    stop()
    view.end()
  }
}

/** The service's own words only where something is unusual. */
function isShown({ source, level }: LogEntry): boolean {
  return source !== 'system' || level === 'warn' || level === 'error'
}

function cancelOnSignal(client: ServiceClient, { id, view }: { id: string; view: ProgressView }): () => void {
  let asked = false
  const cancel = (): void => {
    if (asked) process.exit(EXIT_INTERRUPTED)
    asked = true
    view.note(`Cancelling ${id}; once more to leave at once`)
    client.cancel(id).catch((error: Error) => view.note(`Cannot cancel ${id}: ${visible(error.message)}`))
  }
  process.on('SIGINT', cancel)
  process.on('SIGTERM', cancel)
  return () => {
    process.off('SIGINT', cancel)
    process.off('SIGTERM', cancel)
  }
}
