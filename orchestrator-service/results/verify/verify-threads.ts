import { Worker } from 'node:worker_threads'
import type { VerifyMessage } from './verify-protocol.ts'

/** The thread of one run, with the failure that it may have before it is asked anything. */
export interface VerifyThread {
  readonly worker: Worker
  readonly inputs: Promise<string>
  early: Error | null
}

/** Threads that serve one run each. One may wait for its run, so that its start takes no time from a job. */
export interface VerifyThreads {
  take(): VerifyThread
  /** Lets one wait from now on. */
  keepReady(): void
  /** Ends the one that waits, and keeps none any more; those that were taken are their takers'. */
  close(): Promise<void>
}

/** V8's heap of one thread. */
export const VERIFY_MEMORY_MB = 1024
/** The explanation of a large run is a million objects that all stay: fewer copies of them from one half of new space to the other. */
const NEW_SPACE_MB = 192
/** After a taking: while jobs come faster than this, each starts its own and nothing competes with them. */
const QUIET_MS = 250

/** @param program what the threads run: `verify-worker.ts`, bundled by `provideVerifyProgram` */
export function createVerifyThreads(program: URL): VerifyThreads {
  let waiting: VerifyThread | null = null
  let isKept = false
  let soon: NodeJS.Timeout | undefined
  const refill = (): void => {
    if (!isKept) return
    clearTimeout(soon)
    soon = setTimeout(() => {
      waiting ??= startThread(program)
      waiting.worker.unref()
    }, QUIET_MS).unref()
  }
  return {
    take() {
      const taken = waiting
      waiting = null
      refill()
      if (taken === null || taken.early !== null) return startThread(program)
      taken.worker.ref()
      return taken
    },
    keepReady() {
      isKept = true
      refill()
    },
    async close() {
      isKept = false
      clearTimeout(soon)
      const last = waiting
      waiting = null
      await last?.worker.terminate()
    },
  }
}

function startThread(program: URL): VerifyThread {
  const worker = new Worker(program, {
    resourceLimits: {
      maxOldGenerationSizeMb: VERIFY_MEMORY_MB,
      maxYoungGenerationSizeMb: NEW_SPACE_MB,
      stackSizeMb: 4,
    },
    execArgv: [],
    stdin: false,
  })
  const inputs = Promise.withResolvers<string>()
  inputs.promise.catch(() => {})
  const thread: VerifyThread = { worker, inputs: inputs.promise, early: null }
  worker.on('message', (message: VerifyMessage) => {
    if (message.type === 'inputs') inputs.resolve(message.inputs)
  })
  worker.on('error', (error: unknown) => {
    thread.early = error instanceof Error ? error : new Error(String(error))
  })
  // One that has ended says so only once: who asks it later would wait for the deadline
  worker.on('exit', (code) => {
    thread.early ??= new Error(`the thread ended with code ${code}`)
    inputs.reject(thread.early)
  })
  return thread
}
