import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, it } from 'vitest'
import { createVerifyThreads, type VerifyThreads } from '../../../orchestrator-service/results/verify/verify-threads.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** A thread that waits is made 250 ms after the last one was taken. */
const MADE_MS = 500

function programOf(folder: string, source: string): URL {
  const file = join(folder, 'program.mjs')
  writeFileSync(file, source)
  return pathToFileURL(file)
}

const WAITS = "import { parentPort } from 'node:worker_threads'\nparentPort.on('message', () => {})\n"

/** Of the thread that would be started next. */
async function nextThreadId(): Promise<number> {
  const worker = new Worker('', { eval: true })
  const { threadId } = worker
  await worker.terminate()
  return threadId
}

/** One waits. */
async function openKept(program: URL): Promise<VerifyThreads> {
  const threads = createVerifyThreads(program)
  threads.keepReady()
  await sleep(MADE_MS)
  return threads
}

describe('threads of the verification', () => {
  it('are started when they are asked for as long as none is to wait', async ({ expect }) => {
    using dir = temporaryDirectory()
    const threads = createVerifyThreads(programOf(dir.path, WAITS))
    await sleep(MADE_MS)
    const before = await nextThreadId()
    const { worker } = threads.take()
    expect(worker.threadId).toBeGreaterThan(before)
    await worker.terminate()
  })

  it('wait for a run each, and are made again after a taking', async ({ expect }) => {
    using dir = temporaryDirectory()
    const threads = await openKept(programOf(dir.path, WAITS))
    const before = await nextThreadId()
    const first = threads.take().worker
    const cold = threads.take().worker
    expect(first.threadId).toBeLessThan(before)
    expect(cold.threadId).toBeGreaterThan(before)
    await sleep(MADE_MS)
    const later = await nextThreadId()
    const second = threads.take().worker
    expect(second.threadId).toBeLessThan(later)
    expect(second.threadId).toBeGreaterThan(cold.threadId)
    await threads.close()
    await Promise.all([first, cold, second].map((worker) => worker.terminate()))
  })

  it('are not given away after they have ended', async ({ expect }) => {
    using dir = temporaryDirectory()
    const threads = await openKept(programOf(dir.path, 'process.exit(3)\n'))
    const { worker, early } = threads.take()
    expect(early).toBeNull()
    await threads.close()
    await worker.terminate()
  })

  it('do not wait once they are closed', async ({ expect }) => {
    using dir = temporaryDirectory()
    const threads = await openKept(programOf(dir.path, WAITS))
    await threads.close()
    // The next one of these is due when they are closed
    const refilling = await openKept(programOf(dir.path, WAITS))
    const { worker: taken } = refilling.take()
    await refilling.close()
    await sleep(MADE_MS)
    const before = await nextThreadId()
    for (const { worker } of [threads.take(), refilling.take()]) {
      expect(worker.threadId).toBeGreaterThan(before)
      await worker.terminate()
    }
    await taken.terminate()
  })
})
