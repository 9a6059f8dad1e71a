import { join } from 'node:path'
import { PlatformError } from '../../src/errors.ts'
import { appendEvents, type AuditFile, catchUp, openAuditFile } from './append-batch.ts'
import type { AuditEvent } from './audit-event.ts'
import { auditFile } from './audit-lines.ts'
import { type ChainHead, GENESIS } from './chain.ts'
import { openWriteLock, type WriteLock } from './write-lock.ts'

/**
 * Theory of operation. Events are collected and written together with one sync: at once when somebody waits for them,
 * within 20 ms otherwise. Two promises are made. `require` is for what may only happen when it is said: its promise
 * rejects when the event could not be written, and the event is then forgotten. `note` is for what has happened already:
 * the event is kept and tried again every second until it is written. As long as writes fail `failure` says why, so that no
 * job is taken in or started; the first event that succeeds after a failure says since when and why.
 *
 * A chain that is damaged is never continued: opening it fails, and so does every write until it is put right.
 */
export interface AuditLog extends AsyncDisposable {
  /** Written and synced when it resolves. @throws PlatformError service_unavailable; its cause is what is wrong */
  require(event: AuditEvent): Promise<void>
  /** Said in any case, if need be later. */
  note(event: AuditEvent): void
  /** Resolves when everything noted so far was tried once. */
  flush(): Promise<void>
  /** Why the log cannot be written now; null: it can. */
  readonly failure: PlatformError | null
  readonly head: ChainHead
}

export interface AuditLogOptions {
  readonly dataDir: string
  /** First word of a new chain. */
  readonly begin: () => Promise<AuditEvent>
  readonly log: (level: 'warn' | 'error', text: string) => void
}

interface Pending {
  readonly event: AuditEvent
  /** Null: noted. */
  readonly done: { resolve(): void; reject(error: Error): void } | null
}

const GROUP_MS = 20
const RETRY_MS = 1000
const MAX_NOTED = 10_000
/** Keeps a batch, and with it the time that the lock is held, small. */
const MAX_BATCH = 500

/** @throws PlatformError audit_damaged, service_unavailable */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const log = createAuditLog(options)
  try {
    await log.open()
    return log
  } catch (error) {
    await log[Symbol.asyncDispose]()
    throw error
  }
}

/** The same, opened with the first event: for processes that seldom have something to say. */
export function createAuditLog({ dataDir, begin, log }: AuditLogOptions): AuditLog & { open(): Promise<void> } {
  const path = auditFile(dataDir)
  let lock: WriteLock | null = null
  let opened: AuditFile | null = null
  let pending: Pending[] = []
  let failure: { since: string; error: PlatformError; lost: number } | null = null
  let timer: { at: number; handle: NodeJS.Timeout } | null = null
  let tail: Promise<void> = Promise.resolve()
  let closed = false

  const writeBatch = async (batch: readonly Pending[]): Promise<void> => {
    lock ??= openWriteLock(join(dataDir, 'audit-lock.db'))
    await lock.hold(async () => {
      opened ??= await openAuditFile(path)
      const repaired = await catchUp(opened, path)
      const first = opened.head.sequence === 0 ? [await begin()] : []
      const resumed: AuditEvent[] = failure === null ? [] : [resumedAfter(failure)]
      const events = [
        ...first,
        ...(repaired === null ? [] : [repaired]),
        ...resumed,
        ...batch.map(({ event }) => event),
      ]
      if (repaired !== null) log('warn', `The audit log ended in a torn line, which was cut off: ${path}`)
      if (events.length > 0) await appendEvents(opened, events)
    })
    if (failure !== null) log('warn', 'The audit log can be written again')
    failure = null
  }
  const fail = (batch: readonly Pending[], cause: unknown): void => {
    const error = asUnavailable(cause)
    if (failure === null) log('error', `Cannot write the audit log "${path}": ${String(cause)}`)
    failure = { since: failure?.since ?? new Date().toISOString(), error, lost: failure?.lost ?? 0 }
    const kept = batch.filter(({ done }) => done === null)
    pending = [...kept, ...pending]
    for (const { done } of batch) done?.reject(error)
    if (!closed) schedule(RETRY_MS)
  }
  const writeAll = async (): Promise<void> => {
    // After a failure an empty batch is a trial
    if (pending.length === 0 && failure === null) return
    do {
      const batch = pending.splice(0, MAX_BATCH)
      try {
        await writeBatch(batch)
        for (const { done } of batch) done?.resolve()
      } catch (error) {
        fail(batch, error)
        return
      }
    } while (pending.length > 0)
  }
  const flush = async (): Promise<void> => {
    clearTimeout(timer?.handle)
    timer = null
    await (tail = tail.then(writeAll))
  }
  /** The sooner of two times counts. */
  const schedule = (ms: number): void => {
    const at = performance.now() + ms
    if (timer !== null && timer.at <= at) return
    clearTimeout(timer?.handle)
    timer = { at, handle: setTimeout(() => void flush(), ms) }
    timer.handle.unref()
  }

  return {
    get head() {
      return opened?.head ?? GENESIS
    },
    async open() {
      const first = tail.then(async () => await writeBatch([]))
      tail = first.catch(() => {})
      await first.catch((error: unknown) => {
        throw error instanceof PlatformError ? error : asUnavailable(error)
      })
    },
    async require(event) {
      if (closed) throw asUnavailable(new Error('it is closed'))
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      pending.push({ event, done: { resolve, reject } })
      await Promise.all([promise, flush()])
    },
    note(event) {
      if (closed) {
        log('error', `An event came too late for the audit log: ${event.type}`)
        return
      }
      if (failure !== null && pending.length >= MAX_NOTED) failure.lost += 1
      else pending.push({ event, done: null })
      schedule(failure === null ? GROUP_MS : RETRY_MS)
    },
    flush,
    get failure() {
      return failure?.error ?? null
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await flush()
      if (pending.length > 0)
        log('error', `${pending.length} events are lost to the audit log: ${failure?.error.message}`)
      clearTimeout(timer?.handle)
      await opened?.file.close()
      lock?.close()
      opened = null
      lock = null
    },
  }
}

function resumedAfter({ since, error, lost }: { since: string; error: Error; lost: number }): AuditEvent {
  return { type: 'writing_resumed', since, problem: error.message.slice(0, 500), lost }
}

/** What may be told to whoever asks: paths and details are the operator's. */
function asUnavailable(error: unknown): PlatformError {
  if (error instanceof PlatformError && error.code === 'service_unavailable') return error
  const { code, message } = error as { code?: unknown; message?: unknown }
  return new PlatformError('service_unavailable', `Cannot write the audit log: ${String(code ?? message)}`, {
    cause: error,
    hint: 'The log of the service says why; nothing is run that cannot be written down',
  })
}
