import type { Task, TaskResults } from '../tasks/task.ts'
import { Thread } from './thread.ts'

export interface PoolJob<K extends Task['kind']> {
  readonly task: Task & { kind: K }
  /** Larger ones start first. */
  readonly size: number
  readonly unit: string
}

/** Threads that were started at boot; jobs go to them as they become free. */
export class Pool {
  readonly threads: Thread[] = []
  /** Told each time a thread has finished a job, before it gets another one. */
  onIdle: ((thread: Thread) => void) | null = null
  readonly #options: { entry: URL; heapMegabytes: number }

  constructor(count: number, options: { entry: URL; heapMegabytes: number }) {
    this.#options = options
    this.resize(count)
  }

  /** More threads if there are fewer; surplus ones stay idle. */
  resize(count: number): void {
    while (this.threads.length < count) this.threads.push(new Thread(this.threads.length, this.#options))
  }

  /** Asks whatever runs to end at its next bar or log line. */
  stopAll(): void {
    for (const thread of this.threads) thread.stop()
  }

  get busy(): boolean {
    return this.threads.some((thread) => thread.busy)
  }

  /** Runs all jobs on at most `count` threads; answers in the order of the jobs. The first failure ends all. */
  async runAll<K extends Task['kind']>(
    jobs: readonly PoolJob<K>[],
    count: number,
    onDone?: (job: PoolJob<K>) => void,
  ): Promise<{ value: TaskResults[K]; thread: number }[]> {
    const order = jobs.map((_, i) => i).sort((a, b) => jobs[b]!.size - jobs[a]!.size || a - b)
    const results: { value: TaskResults[K]; thread: number }[] = Array.from({ length: jobs.length })
    let next = 0
    const work = async (thread: Thread): Promise<void> => {
      for (let i = order[next++]; i !== undefined; i = order[next++]) {
        const job = jobs[i]!
        thread.unit = job.unit
        results[i] = { value: await thread.run<K>(job.task), thread: thread.index }
        this.onIdle?.(thread)
        thread.unit = ''
        onDone?.(job)
      }
    }
    const used = this.threads.slice(0, Math.max(1, count))
    let failure: { error: unknown } | null = null
    await Promise.all(
      used.map(async (thread) => {
        try {
          await work(thread)
        } catch (error) {
          failure ??= { error }
          next = jobs.length
          this.stopAll()
        }
      }),
    )
    if (failure !== null) throw (failure as { error: unknown }).error
    return results
  }
}
