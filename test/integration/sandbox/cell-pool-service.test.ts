import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { App } from '../../../orchestrator-service/app.ts'
import { LABEL } from '../../../orchestrator-service/sandbox/container-spec.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { listByLabels } from '../../../orchestrator-service/sandbox/engine-calls.ts'
import {
  countContainers,
  openTestApp,
  slowSubmission,
  SUBMISSIONS,
  waitFor,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'
import { createServiceProcess } from '../../support/service-process.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

async function idleApp(dataDir: string): Promise<App> {
  const app = await openTestApp(dataDir, { warmCells: '1' })
  await writeTestCandles(app)
  await app.start()
  await waitFor('an idle cell', async () => app.pool.metrics().idle === 1)
  return app
}

const submit = async (app: App, raw: unknown): Promise<string> =>
  (await app.jobs.submit({ owner: 'test', raw, idempotency: null })).job.id

describe('a service with a pool', { timeout: 120_000 }, () => {
  it.for([
    ['a built-in', SUBMISSIONS.valid()],
    ["a user's code", slowSubmission(0.01)],
  ] as const)('gives the same result for %s in a warm cell as in a cold one', async ([, raw]) => {
    using dir = temporaryDirectory()
    const ends: { fingerprint: string | null; started: number; hits: number }[] = []
    for (const warm of [true, false]) {
      await using app = warm ? await idleApp(dir.path) : await openTestApp(dir.path)
      await app.start()
      const id = await submit(app, raw)
      const { fingerprint, state, outcome } = await waitForEnd(app, id)
      expect([state, outcome?.message]).toEqual(['completed', 'Verified'])
      const { provenance } = await app.runs.load(id)
      const { timings } = provenance as { timings: Record<string, number> }
      ends.push({
        fingerprint,
        started: timings['cellStarted']! - timings['candlesLoaded']!,
        hits: app.pool.metrics().hits,
      })
    }
    expect(ends.map(({ hits }) => hits)).toEqual([1, 0])
    expect(ends[0]!.fingerprint).toBe(ends[1]!.fingerprint)
    expect(ends[0]!.started).toBeLessThan(ends[1]!.started / 2)
    expect(await countContainers(dir.path)).toBe(0)
  })

  it('cancels a job in a warm cell, and its container is gone', async () => {
    using dir = temporaryDirectory()
    await using app = await idleApp(dir.path)
    const id = await submit(app, slowSubmission(30))
    await waitFor('the cell is fed', async () => (await app.stores.jobs.get(id))?.fed === true)
    const { cell } = (await app.stores.jobs.get(id))!

    await app.jobs.cancel(id, 'test')
    const job = await waitForEnd(app, id)

    expect([job.state, app.pool.metrics().hits]).toEqual(['cancelled', 1])
    await waitFor('the removal', async () => {
      const left = await listByLabels(connectEngine(), { [LABEL.cell]: cell!.cellId })
      return left.length === 0
    })
  })

  it('keeps its cells when it looks for unknown ones, and drain leaves none', async () => {
    using dir = temporaryDirectory()
    await using app = await idleApp(dir.path)

    expect(app.deps.liveCells.size).toBe(1)
    await app.drain(1000)

    expect(await countContainers(dir.path)).toBe(0)
    expect(app.deps.liveCells.size).toBe(0)
  })

  it('that is killed leaves cells which end by themselves, and the next start removes them', async () => {
    using dir = temporaryDirectory()
    await using service = createServiceProcess(dir.path, { HOTCELL_WARM_CELLS: '2' })
    await service.start()
    const { instance } = JSON.parse(await readFile(join(dir.path, 'instance.json'), 'utf8')) as { instance: string }
    const look = async () => await listByLabels(connectEngine(), { [LABEL.instance]: instance })
    await waitFor('two idle cells', async () => (await look()).filter(({ State }) => State === 'running').length === 2)
    const orphans = (await look()).map(({ Id }) => Id)

    await service.kill('SIGKILL')
    await waitFor('the end of the orphans', async () => (await look()).every(({ State }) => State !== 'running'))
    expect(await countContainers(dir.path)).toBe(2)
    await service.start()

    const now = (await look()).map(({ Id }) => Id)
    expect(now.filter((id) => orphans.includes(id))).toEqual([])
    await waitFor('new cells', async () => (await countContainers(dir.path)) === 2)
    expect(await service.kill('SIGTERM')).toBe(0)
    expect(await countContainers(dir.path)).toBe(0)
  })
})
