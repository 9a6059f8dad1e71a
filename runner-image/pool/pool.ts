import type { Task, TaskResults } from '../tasks/task.ts'
import type { Executor } from './executor.ts'
import { OwnThread } from './own-thread.ts'
import { Thread, type ThreadOptions } from './thread.ts'

export interface PoolJob<K extends Task['kind']> {
  readonly task: Task & { kind: K }
  /** Larger ones start first. */
  readonly size: number
  readonly unit: string
}

/** Who does the tasks of a run: the supervisor's own thread until worker threads are started. */
export class Pool {
  readonly #own = [new OwnThread()]
  readonly #threads: Thread[] = []
  readonly #options: ThreadOptions
  /** Told each time a job is finished, before the next one begins. */
  onIdle: ((executor: Executor) => void) | null = null

  constructor(options: ThreadOptions) {
    this.#options = options
  }

  get threads(): readonly Thread[] {
    return this.#threads
  }

  get executors(): readonly Executor[] {
    return this.#threads.length > 0 ? this.#threads : this.#own
  }

  /** Worker threads do every task from now on, at least so many. */
  startThreads(count: number): void {
    for (let index = this.#threads.length; index < count; index += 1)
      this.#threads.push(new Thread(index, this.#options))
  }

  /**
   * Starts threads before there is a job. The first one, which plans and executes, gets ready as far as that needs none; in
   * all of them that would take too much memory. `memoryBytes`: of the cell.
   */
  makeReady(count: number, memoryBytes: number): void {
    this.startThreads(count)
    this.#threads[0]?.prepare({ kind: 'ready', memoryBytes, realms: count > 1 ? 1 : 2 })
  }

  /** Asks whatever runs to end at its next bar or log line. */
  stopAll(): void {
    for (const executor of this.executors) executor.stop()
  }

  /** As `runAll`, but the job at place i always goes to the same executor, which keeps something of it. */
  async runPinned<K extends Task['kind']>(jobs: readonly PoolJob<K>[], count: number): Promise<TaskResults[K][]> {
    const used = this.executors.slice(0, Math.max(1, count))
    const results: TaskResults[K][] = Array.from({ length: jobs.length })
    await this.#all(used, async (executor, at) => {
      for (let i = at; i < jobs.length; i += used.length) {
        const job = jobs[i]!
        executor.unit = job.unit
        results[i] = await executor.run<K>(job.task)
        this.onIdle?.(executor)
        executor.unit = ''
      }
    })
    return results
  }

  /** Runs all jobs on at most `count` executors; answers in the order of the jobs. The first failure ends all. */
  async runAll<K extends Task['kind']>(
    jobs: readonly PoolJob<K>[],
    count: number,
    onDone?: (job: PoolJob<K>, value: TaskResults[K]) => void,
  ): Promise<{ value: TaskResults[K]; thread: number }[]> {
    const order = jobs.map((_, i) => i).sort((a, b) => jobs[b]!.size - jobs[a]!.size || a - b)
    const results: { value: TaskResults[K]; thread: number }[] = Array.from({ length: jobs.length })
    let next = 0
    const work = async (executor: Executor): Promise<void> => {
      for (let i = order[next++]; i !== undefined; i = order[next++]) {
        const job = jobs[i]!
        executor.unit = job.unit
        const value = await executor.run<K>(job.task)
        results[i] = { value, thread: executor.index }
        this.onIdle?.(executor)
        executor.unit = ''
        onDone?.(job, value)
      }
    }
    await this.#all(this.executors.slice(0, Math.max(1, count)), work, () => {
      next = jobs.length
    })
    return results
  }

  /** The first failure ends all. */
  async #all(
    used: readonly Executor[],
    work: (executor: Executor, at: number) => Promise<void>,
    onFailure?: () => void,
  ): Promise<void> {
    let failure: { error: unknown } | null = null
    await Promise.all(
      used.map(async (executor, at) => {
        try {
          await work(executor, at)
        } catch (error) {
          failure ??= { error }
          onFailure?.()
          this.stopAll()
        }
      }),
    )
    if (failure !== null) throw (failure as { error: unknown }).error
  }
}
