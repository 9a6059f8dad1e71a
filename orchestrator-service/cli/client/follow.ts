import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { setTimeout as delay } from 'node:timers/promises'
import { PlatformError } from '../../../src/errors.ts'
import { JobProgress, JobView } from '../../../src/protocol/job.ts'
import { matchShape } from '../../../src/protocol/check.ts'
import type { LogEntry } from '../../logs/job-log.ts'
import type { HttpClient } from './http-client.ts'
import { readInTime } from './read-in-time.ts'

/**
 * Theory of operation. A job is followed over server-sent events. A connection may break at any moment, also because the
 * service ends and is started again; the next one says with Last-Event-ID where the last one stopped, so that no
 * transition and no log entry is missed or told twice. Attempts are spaced further and further apart, and given up when
 * nothing was heard for a minute: whoever waits must learn that nobody answers. A connection that is silent for longer
 * than the service's heartbeat is as good as broken.
 */
export type JobMessage =
  | { readonly type: 'state'; readonly job: JobView }
  | { readonly type: 'progress'; readonly progress: JobProgress }
  | { readonly type: 'log'; readonly entry: LogEntry }
  | { readonly type: 'end'; readonly job: JobView }

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000
const GIVE_UP_MS = 60_000
const MAX_EVENT_BYTES = 4 * 1024 * 1024

/** Errors after which the same question may be answered later. */
const PASSING: readonly string[] = ['service_unreachable', 'service_unavailable', 'too_many_followers']

/** Everything that happens to a job, from its present state to its end. @throws PlatformError unknown_run, service_unreachable */
export async function* followJob(client: HttpClient, id: string, signal: AbortSignal): AsyncGenerator<JobMessage> {
  let lastId: string | null = null
  let pause = FIRST_PAUSE_MS
  let heard = performance.now()
  for (;;) {
    try {
      const alive = (): void => {
        heard = performance.now()
        pause = FIRST_PAUSE_MS
      }
      for await (const message of connect(client, id, { lastId, signal, alive })) {
        lastId = message.id ?? lastId
        const parsed = parseMessage(message)
        if (parsed !== null) yield parsed
        if (parsed?.type === 'end') return
      }
    } catch (error) {
      if (signal.aborted || !isPassing(error) || performance.now() - heard > GIVE_UP_MS) throw error
    }
    signal.throwIfAborted()
    await delay(pause, undefined, { signal })
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2)
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof PlatformError && PASSING.includes(error.code)
}

/** The messages of one connection, to its end. */
async function* connect(
  client: HttpClient,
  id: string,
  options: { lastId: string | null; signal: AbortSignal; alive: () => void },
): AsyncGenerator<EventSourceMessage> {
  const { lastId, signal, alive } = options
  const body = await client.stream(`/v1/backtests/${encodeURIComponent(id)}/events`, {
    headers: { accept: 'text/event-stream', ...(lastId === null ? {} : { 'last-event-id': lastId }) },
    signal,
  })
  const waiting: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => waiting.push(event), maxBufferSize: MAX_EVENT_BYTES })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (;;) {
      const chunk = await readInTime(reader, broken)
      if (chunk === null) return
      alive()
      parser.feed(decoder.decode(chunk, { stream: true }))
      yield* waiting.splice(0)
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function broken(why: string): PlatformError {
  return new PlatformError('service_unreachable', `Cannot follow the job: the connection is ${why}, expected events`)
}

/** Null: a message that this release does not know. */
function parseMessage({ event, data }: EventSourceMessage): JobMessage | null {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    throw malformed(event)
  }
  if (event === 'state' || event === 'end') {
    const job = matchShape(JobView, value)
    if (job === null) throw malformed(event)
    return { type: event, job }
  }
  if (event === 'progress') {
    const progress = matchShape(JobProgress, value)
    if (progress === null) throw malformed(event)
    return { type: event, progress }
  }
  return event === 'log' ? { type: event, entry: parseEntry(value) } : null
}

/** An entry of a log; only what is shown of it is looked at. */
export function parseEntry(value: unknown): LogEntry {
  const entry = value as Partial<LogEntry> | null
  if (typeof entry?.text === 'string' && typeof entry.level === 'string' && typeof entry.source === 'string')
    return entry as LogEntry
  throw malformed('log')
}

function malformed(event: string | undefined): PlatformError {
  return new PlatformError(
    'protocol',
    `Cannot follow the job: the service sent an unreadable "${event ?? 'message'}"`,
    {
      hint: 'The service may be of another release than this command',
    },
  )
}
