import type { Worker } from 'node:worker_threads'
import type { ResumedUnits, VerifyMessage, VerifyRequest } from './verify-protocol.ts'
import type { VerifyTask } from './verify-task.ts'
import { createVerifyThreads, VERIFY_MEMORY_MB, type VerifyThread } from './verify-threads.ts'

/**
 * Theory of operation. Verification parses and replays what a stranger's cell wrote, so it runs in a worker thread with a memory
 * limit and a deadline, and a thread serves one run only. Its start (about 30 ms of CPU) is hidden behind the boot of a cold cell: `start()` is called
 * when the engine has started the container, not while it does, since that needs every core. A warm cell has no boot to hide it behind: for a service
 * one thread waits, as cells do. Only one verification computes at a time (the second waits), so that results of many jobs cannot take the host's cores.
 * The deadline is counted from what the host knows: 10 s + 1 µs per bar of each symbol + 50 µs per decision row, where the rows are counted by
 * the worker's own decoder and reported before the replay begins.
 */

/** How long a verification may take: a share of each bar and each decision row comes to the base. */
export interface Deadline {
  readonly baseMs: number
  readonly msPerBar: number
  readonly msPerRow: number
}

export const VERIFY_DEADLINE: Deadline = { baseMs: 10_000, msPerBar: 0.001, msPerRow: 0.05 }

export type Verdict =
  | Exclude<VerifyMessage, { type: 'rows' | 'inputs' }>
  | { readonly type: 'overrun'; readonly message: string }

export interface Verification {
  /** Starts the thread, so that it is ready when it is needed. */
  start(): void
  /** Candles and configuration, as soon as they are known. */
  prepare(task: VerifyTask): void
  /** Hash of everything that decides what the prepared run means (X1); rejects when the thread ends before. */
  inputs(): Promise<string>
  /** What the cell was given of earlier attempts. After `prepare`. */
  resume(resumed: ResumedUnits): void
  /** The cell's document -> the verdict. Never rejects. */
  verify(document: Uint8Array): Promise<Verdict>
  /** Ends the thread; safe to call at any time. */
  close(): Promise<void>
}

export interface Verifier {
  begin(): Verification
  /** A thread waits for its run from now on. */
  keepReady(): void
  /** Ends the thread that waits; verifications that have begun go on. */
  close(): Promise<void>
}

/** One verification at a time: each waits for the end of the one before. */
function createTurnstile(): () => Promise<() => void> {
  let tail: Promise<void> = Promise.resolve()
  return async () => {
    const before = tail
    let leave = (): void => {}
    tail = new Promise((resolve) => {
      leave = resolve
    })
    await before
    return leave
  }
}

function barsOf(task: VerifyTask | null): number {
  return task === null ? 0 : task.series.reduce((sum, series) => sum + series.rows, 0)
}

function awaitVerdict(
  worker: Worker,
  document: Uint8Array,
  { limitMs: firstLimitMs, msPerRow }: { limitMs: number; msPerRow: number },
): Promise<Verdict> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    let limitMs = firstLimitMs
    let timer: NodeJS.Timeout
    const finish = (verdict: Verdict): void => {
      clearTimeout(timer)
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
      resolve(verdict)
    }
    const arm = (): void => {
      clearTimeout(timer)
      timer = setTimeout(
        () => finish({ type: 'overrun', message: `The verification did not end within ${Math.round(limitMs)} ms` }),
        limitMs - (performance.now() - startedAt),
      )
    }
    const onMessage = (message: VerifyMessage): void => {
      if (message.type === 'inputs') return
      if (message.type !== 'rows') return finish(message)
      limitMs += msPerRow * message.rows
      arm()
    }
    const onError = (error: Error & { code?: string }): void => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
        return finish({ type: 'overrun', message: `The verification needed more than ${VERIFY_MEMORY_MB} MiB` })
      finish({ type: 'failed', kind: 'infra', message: `The verification failed: ${error.message}` })
    }
    const onExit = (code: number): void =>
      finish({ type: 'failed', kind: 'infra', message: `The verification thread ended with code ${code}` })
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
    arm()
    const request: VerifyRequest = { type: 'document', document }
    worker.postMessage(
      request,
      document.buffer instanceof ArrayBuffer && document.byteLength === document.buffer.byteLength
        ? [document.buffer]
        : [],
    )
  })
}

/** @param program what the threads run: `verify-worker.ts`, bundled by `provideVerifyProgram` */
export function createVerifier(program: URL, deadline: Deadline = VERIFY_DEADLINE): Verifier {
  const enter = createTurnstile()
  const threads = createVerifyThreads(program)
  return {
    keepReady: () => threads.keepReady(),
    close: () => threads.close(),
    begin() {
      let thread: VerifyThread | null = null
      let task: VerifyTask | null = null
      const started = (): VerifyThread => (thread ??= threads.take())
      return {
        start() {
          started()
        },
        prepare(next) {
          task = next
          const request: VerifyRequest = { type: 'prepare', task: next }
          started().worker.postMessage(request)
        },
        inputs: () => started().inputs,
        resume(resumed) {
          const request: VerifyRequest = { type: 'resumed', resumed }
          started().worker.postMessage(request)
        },
        async verify(document) {
          const leave = await enter()
          const { worker, early } = started()
          try {
            if (early !== null) {
              return { type: 'failed', kind: 'infra', message: `The verification failed: ${early.message}` }
            }
            const { baseMs, msPerBar, msPerRow } = deadline
            return await awaitVerdict(worker, document, { limitMs: baseMs + msPerBar * barsOf(task), msPerRow })
          } finally {
            await worker.terminate()
            leave()
          }
        },
        async close() {
          await thread?.worker.terminate()
        },
      }
    },
  }
}
