import { Worker } from 'node:worker_threads'
import { ClaimedEnd, FatalEnd } from '../claims.ts'
import { MAILBOX_BYTES, MAILBOX_STOP } from '../realm/mailbox-layout.ts'
import type { Executor } from './executor.ts'
import type { Task, TaskReply, TaskResults, ThreadData, ReadyNote, UnreadyNote, WarmNote } from '../tasks/task.ts'

export interface ThreadOptions {
  readonly entry: URL
  readonly heapMegabytes: number
  /** The thread could not get ready for a job. */
  readonly onUnready: (message: string) => void
}

/** A worker thread with its mailbox. */
export class Thread implements Executor {
  readonly index: number
  readonly mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  unit = ''
  readonly #worker: Worker
  #settle: { resolve: (value: unknown) => void; reject: (error: Error) => void } | null = null

  constructor(index: number, options: ThreadOptions) {
    this.index = index
    const data: ThreadData = { mailbox: this.mailbox }
    this.#worker = new Worker(options.entry, {
      workerData: data,
      env: { TZ: 'UTC' },
      resourceLimits: { maxOldGenerationSizeMb: options.heapMegabytes },
    })
    this.#worker.on('message', (reply: TaskReply | UnreadyNote) => {
      if ('kind' in reply) options.onUnready(reply.message)
      else this.#finish(reply)
    })
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      const kind = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'heap' : 'internal'
      this.#finish({ ok: false, fatal: { kind, message: error.message, barTime: null } })
    })
  }

  get busy(): boolean {
    return this.#settle !== null
  }

  stop(): void {
    Atomics.store(new Int32Array(this.mailbox, 0, 16), MAILBOX_STOP, 1)
  }

  /** Lets the thread prepare for what it will be asked. */
  prepare(note: ReadyNote | WarmNote): void {
    this.#worker.postMessage(note)
  }

  async run<K extends Task['kind']>(task: Task & { kind: K }): Promise<TaskResults[K]> {
    if (this.#settle !== null) throw new Error('Invariant: the thread is busy')
    const result = new Promise<unknown>((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.#worker.postMessage(task)
    return (await result) as TaskResults[K]
  }

  #finish(reply: TaskReply): void {
    const settle = this.#settle
    this.#settle = null
    if (settle === null) return
    if (reply.ok) settle.resolve(reply.value)
    else if ('outcome' in reply) settle.reject(new ClaimedEnd(reply.outcome))
    else settle.reject(new FatalEnd(reply.fatal.kind, reply.fatal.message, reply.fatal.barTime))
  }
}
