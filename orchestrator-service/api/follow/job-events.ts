import { PlatformError } from '../../../src/errors.ts'
import { isFinal, type JobProgress } from '../../../src/protocol/job.ts'
import type { Job, StoredEvent } from '../../store/ports.ts'
import type { ApiContext } from '../context.ts'
import { jobAfter, viewJob } from '../job-view.ts'
import { invalidRequest } from '../problem.ts'
import { watchJob } from './job-changes.ts'
import { isLineStart } from './log-place.ts'

/**
 * Theory of operation. A follower's place is two numbers: transitions seen, bytes of the log seen. Both sources are durable and
 * only grow, so a cut connection goes on where it stopped, whatever happened to the service meanwhile. The feed only says when
 * to look. The end is told when the last transition is seen and the log, which is written before it, was read after it.
 */
export interface FollowPosition {
  readonly transitions: number
  readonly logOffset: number
}

const KEEP_ALIVE_MS = 15_000
const LOG_CHUNK_BYTES = 256 * 1024

/** `<transitions>:<offset>` of the header Last-Event-ID. @throws PlatformError invalid_request */
export async function readEventId(app: ApiContext, id: string, text: string): Promise<FollowPosition> {
  const match = /^(\d{1,9}):(\d{1,15})$/.exec(text)
  const transitions = Number(match?.[1])
  const logOffset = Number(match?.[2])
  // An offset beyond the log is of a log whose end was lost with the power; nothing may be left out for it
  const lost = match !== null && logOffset > (await app.logs.size(id))
  if (match !== null && (lost || (await isLineStart(app.logs, id, logOffset))))
    return { transitions, logOffset: lost ? 0 : logOffset }
  throw invalidRequest('/headers/Last-Event-ID', 'is not an id of this stream')
}

function message(event: string, data: string, id: string | null): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`
}

/** Server-sent events of a job from `from` to its end. */
export async function* jobEvents(
  app: ApiContext,
  first: Job,
  options: { from: FollowPosition | null; signal: AbortSignal },
): AsyncGenerator<string> {
  const { signal } = options
  const follower = new Follower(app, first, options.from)
  using changes = watchJob(app.feed, first.id, signal)
  yield* follower.greet()
  for (;;) {
    yield* follower.transitions()
    const ended = isFinal(follower.job.state)
    for await (const entry of follower.log()) {
      if (signal.aborted) return
      yield entry
    }
    if (ended) {
      yield await follower.end()
      return
    }
    yield* follower.progress()
    const topics = await changes.next(KEEP_ALIVE_MS)
    if (signal.aborted) return
    // Deleted before its end was told to a slow client: nothing more comes
    if ((topics.size === 0 || topics.has('state')) && (await app.stores.jobs.get(first.id)) === null) return
    if (topics.size === 0) yield ': keep-alive\n\n'
  }
}

class Follower {
  readonly #app: ApiContext
  readonly #id: string
  readonly #seen: StoredEvent[] = []
  readonly #told: number
  #offset: number
  #progress: JobProgress | null = null
  job: Job

  constructor(app: ApiContext, job: Job, from: FollowPosition | null) {
    this.#app = app
    this.#id = job.id
    this.job = job
    this.#told = Math.max(1, Math.min(from?.transitions ?? Number.POSITIVE_INFINITY, job.version))
    this.#offset = from?.logOffset ?? 0
  }

  /** The state as the follower left it, or as it is now: there is always a first message at once. */
  async *greet(): AsyncGenerator<string> {
    const events = await this.#app.stores.jobs.events(this.#id)
    if (events.length === 0)
      throw new PlatformError(
        'unknown_run',
        `Cannot follow job "${this.#id}": it was deleted, expected the id of a job`,
      )
    this.#seen.push(...events.slice(0, this.#told))
    this.job = jobAfter(this.job, this.#seen)
    yield await this.#state('state')
  }

  async *transitions(): AsyncGenerator<string> {
    for (const event of await this.#app.stores.jobs.events(this.#id, this.#seen.length)) {
      this.#seen.push(event)
      this.job = jobAfter(this.job, this.#seen)
      yield await this.#state('state')
    }
  }

  async *log(): AsyncGenerator<string> {
    for (;;) {
      const { bytes, next } = await this.#app.logs.read(this.#id, { from: this.#offset, maxBytes: LOG_CHUNK_BYTES })
      if (bytes.length === 0) return
      yield this.#entries(bytes)
      this.#offset = next
    }
  }

  /** Entries of one read, each with the place behind it. */
  #entries(bytes: Uint8Array): string {
    let text = ''
    let from = 0
    while (from < bytes.length) {
      const newline = bytes.indexOf(10, from)
      const end = newline === -1 ? bytes.length : newline
      const line = Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('utf8')
      from = end + 1
      text += message('log', line, `${this.#seen.length}:${this.#offset + Math.min(from, bytes.length)}`)
    }
    return text
  }

  /** The latest word only; a slow follower misses those between. */
  *progress(): Generator<string> {
    const progress = this.#app.feed.progress(this.#id)
    if (progress === null || progress === this.#progress) return
    this.#progress = progress
    yield message('progress', JSON.stringify(progress), null)
  }

  async end(): Promise<string> {
    return await this.#state('end')
  }

  async #state(event: 'state' | 'end'): Promise<string> {
    const view = await viewJob(this.#app, this.job)
    return message(event, JSON.stringify(view), `${this.#seen.length}:${this.#offset}`)
  }
}
