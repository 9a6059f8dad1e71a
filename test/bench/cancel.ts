import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../../orchestrator-service/app.ts'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { inspectContainer } from '../../orchestrator-service/sandbox/engine-calls.ts'
import { type CellCgroup, findCgroup } from '../../orchestrator-service/sandbox/cgroup-counters.ts'
import { createRandom } from '../support/random.ts'
import { openTestApp, slowSubmission, waitFor, waitForEnd, writeTestCandles } from '../support/service.ts'
import { type BenchContext, type BenchRow, rowOf } from './harness.ts'

const CANCELS = 210
const AT_ONCE = 2
/** Of the life of a cell before its cancel: its start, its input, its work. */
const LATEST_MS = 1000
const PROMISED_MS = 1000

/** From the call of cancel to a cgroup that is gone or has no task, at random moments in the life of a cell. */
export async function benchCancel(context: BenchContext): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), 'hotcell-bench-'))
  const times: number[] = []
  try {
    await using app = await openTestApp(dir, { concurrency: AT_ONCE, warmCells: '2' })
    await writeTestCandles(app)
    await app.start()
    await app.deps.image()
    const random = createRandom(20_261_121)
    const lane = async (): Promise<void> => {
      while (times.length < CANCELS) times.push(await cancelOnce(app, random.next() * LATEST_MS))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
  context.log(`${times.length} cancels, slowest ${at(1).toFixed(0)} ms`)
  return [0.5, 0.99].map((share) =>
    rowOf({
      name: `cancel to an empty cgroup, p${share * 100} of ${times.length}`,
      unit: 'ms',
      baselineName: 'what is promised',
      goal: '<= 1',
      measured: { a: at(share), b: PROMISED_MS, ratio: at(share) / PROMISED_MS },
    }),
  )
}

async function cancelOnce(app: App, afterMs: number): Promise<number> {
  const { job } = await app.jobs.submit({ owner: 'bench', raw: slowSubmission(60), idempotency: null })
  const cgroup = await waitFor('a cell', async () => await findJobCgroup(app, job.id))
  await sleep(afterMs)
  const asked = performance.now()
  await app.jobs.cancel(job.id, 'bench')
  while ((cgroup.countTasks() ?? 0) > 0) await sleep(1)
  const ms = performance.now() - asked
  await waitForEnd(app, job.id)
  return ms
}

async function findJobCgroup(app: App, id: string): Promise<CellCgroup | null> {
  const cell = (await app.stores.jobs.get(id))?.cell ?? null
  if (cell === null) return null
  const { State } = await inspectContainer(connectEngine(), cell.containerId)
  return findCgroup(State.Pid, cell.containerId)
}
