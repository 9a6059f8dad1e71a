import type { Job } from '../store/ports.ts'
import { type Attempt, LEASE_MS, startAdoption, startAttempt } from './attempt.ts'
import { retryJob } from './finish-job.ts'
import type { JobContext } from './job-context.ts'
import type { CellRef } from './job-state.ts'

/**
 * Theory of operation. `concurrency` slots, each with one attempt. The queue is the store: a slot that is free takes the
 * first waiting job there. Wake-ups (a submission, a free slot) come in process; a slow poll stands beside them, so that a
 * lost wake-up costs a second and nothing else. Adopted attempts have slots too, even where that makes more than there are.
 */
export interface WorkerPool {
  /** Takes jobs from now on. */
  start(): void
  /** There may be something to take. */
  wake(): void
  adopt(job: Job, cell: CellRef): void
  /** Ends the attempt of a job, if it runs here. */
  cancel(id: string): void
  readonly running: number
  /** Takes nothing any more, waits for what runs, and after `ms` lets go of what is left. */
  drain(ms: number): Promise<void>
}

const POLL_MS = 1000
const SWEEP_MS = 5000
/** What is let go has this long to write down its last word. */
const LET_GO_MS = 15_000

export function createWorkerPool(
  context: JobContext,
  options: {
    /** Jobs that may be taken; null: all. */
    readonly only: ReadonlySet<string> | null
  },
): WorkerPool {
  const { store, log, config, worker } = context
  const attempts = new Map<string, Attempt>()
  let state: 'idle' | 'taking' | 'ended' = 'idle'
  let pumping = false
  let again = false
  let poll: NodeJS.Timeout | undefined
  let sweep: NodeJS.Timeout | undefined

  const add = (attempt: Attempt): void => {
    attempts.set(attempt.id, attempt)
    void attempt.done.finally(() => {
      if (attempts.get(attempt.id) === attempt) attempts.delete(attempt.id)
      wake()
    })
  }
  const takeOne = async (): Promise<Job | null> => {
    const lease = { worker, now: Date.now(), leaseMs: LEASE_MS }
    if (options.only === null) return await store.take(lease)
    for (const only of options.only) {
      const job = await store.take({ ...lease, only })
      if (job !== null) return job
    }
    return null
  }
  const hasRoom = (): boolean =>
    state === 'taking' && attempts.size < config.concurrency && context.audit.failure === null
  const pump = async (): Promise<void> => {
    while (hasRoom()) {
      const job = await takeOne()
      if (job === null) return
      context.feed.notify(job.id, 'state')
      add(startAttempt(context, job))
    }
  }
  const wake = (): void => {
    again = true
    if (pumping || state !== 'taking') return
    pumping = true
    const run = async (): Promise<void> => {
      while (again) {
        again = false
        await pump()
      }
    }
    void run()
      .catch((error: unknown) => log('error', `Cannot take a job: ${String(error)}`))
      .finally(() => (pumping = false))
  }
  /** Jobs whose holder is gone; those that run here renew their leases. */
  const sweepExpired = async (): Promise<void> => {
    for (const job of await store.active(Date.now())) {
      if (attempts.get(job.id)?.attempt === job.attempt) continue
      log('warn', 'The lease of a job has expired', { job: job.id, attempt: job.attempt })
      // One that cannot be given back must not keep the others
      await retryJob(context, job, { cause: 'lost', reason: 'its holder is gone' }).catch((error: unknown) =>
        log('error', `Cannot give back a job: ${String(error)}`, { job: job.id }),
      )
    }
    wake()
  }

  return {
    wake,
    get running() {
      return attempts.size
    },
    start() {
      if (state !== 'idle') return
      state = 'taking'
      poll = setInterval(wake, POLL_MS)
      sweep = setInterval(() => {
        sweepExpired().catch((error: unknown) => log('error', `Cannot look for expired leases: ${String(error)}`))
      }, SWEEP_MS)
      wake()
    },
    adopt: (job, cell) => add(startAdoption(context, job, cell)),
    cancel: (id) => attempts.get(id)?.cancel(),
    async drain(ms) {
      state = 'ended'
      clearInterval(poll)
      clearInterval(sweep)
      if (await allDone(attempts, ms)) return
      log('warn', `${attempts.size} jobs still run; they are left to the next start`, { jobs: [...attempts.keys()] })
      for (const attempt of attempts.values()) attempt.release()
      if (!(await allDone(attempts, LET_GO_MS)))
        log('error', 'Jobs did not let go in time', { jobs: [...attempts.keys()] })
    },
  }
}

async function allDone(attempts: ReadonlyMap<string, Attempt>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), ms)
  try {
    while (attempts.size > 0) {
      const all = Promise.all([...attempts.values()].map((attempt) => attempt.done))
      if ((await Promise.race([all, late.promise])) === 'late') return attempts.size === 0
      // Attempts leave the map when they are done, in a later turn
      await new Promise((resolve) => setImmediate(resolve))
    }
    return true
  } finally {
    clearTimeout(timer)
  }
}
