import { Worker } from 'node:worker_threads'
import type { FuzzMessage, FuzzOrder } from './fuzz-worker.ts'
import type { FuzzRun } from './run-cases.ts'

const HANG_MS = 30_000
const HEAP_MEGABYTES = 512
/** Of the whole process; what a parser must not keep would pass this within seconds. */
const MEMORY_BYTES = 2 ** 31

/**
 * Runs cases in a thread that can be ended: a parser that hangs says nothing, one that keeps what it is given fills the heap.
 * @throws Error with seed and place of what hung or grew
 */
export async function fuzz(order: FuzzOrder, tell: (done: number) => void = () => {}): Promise<FuzzRun> {
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
  })
  let at = 0
  const ended = Promise.withResolvers<FuzzRun>()
  const fail = (what: string): void =>
    ended.reject(new Error(`${order.target}: ${what} at or soon after case ${order.first + at} of seed ${order.seed}`))
  const hang = setTimeout(() => fail(`nothing was heard for ${HANG_MS} ms`), HANG_MS)
  worker.on('message', (message: FuzzMessage) => {
    hang.refresh()
    if (message.type === 'end') {
      ended.resolve(message.run)
      return
    }
    at = message.done
    tell(at)
    const { rss } = process.memoryUsage()
    if (rss > MEMORY_BYTES) fail(`the process holds ${rss} bytes`)
  })
  worker.on('error', (error) => fail(String(error)))
  try {
    return await ended.promise
  } finally {
    clearTimeout(hang)
    await worker.terminate()
  }
}
