import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { App } from '../../../orchestrator-service/app.ts'
import { LABEL } from '../../../orchestrator-service/sandbox/container-spec.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { startWaitingCell } from '../../../orchestrator-service/sandbox/docker-driver.ts'
import { listByLabels } from '../../../orchestrator-service/sandbox/engine-calls.ts'
import { ensureImage } from '../../../orchestrator-service/sandbox/image/ensure-image.ts'
import type { SandboxPolicy } from '../../../orchestrator-service/sandbox/policy.ts'
import {
  type CellPool,
  type CellPoolTimes,
  createCellPool,
} from '../../../orchestrator-service/sandbox/pool/cell-pool.ts'
import type { CellEvent } from '../../../src/protocol/events.ts'
import { openCellBench, policyWith } from '../../support/cells.ts'
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

const bench = openCellBench()
afterEach(async () => expect(await bench.left()).toEqual([]))
afterAll(async () => bench[Symbol.asyncDispose]())

const CANCELLED = { kind: 'cancelled', reason: null, message: 'enough' } as const
const QUICK: Partial<CellPoolTimes> = { quietMs: 1, busyQuietMs: 1 }

interface TestPool extends AsyncDisposable {
  readonly pool: CellPool
  readonly image: string
  readonly policy: SandboxPolicy
  readonly isBusy: { value: boolean }
  take(events?: CellEvent[]): ReturnType<CellPool['take']>
  filled(count?: number): Promise<void>
}

async function openPool(options: {
  min: number
  max?: number
  policy?: SandboxPolicy
  times?: Partial<CellPoolTimes>
}): Promise<TestPool> {
  const { min, max = min, policy = policyWith(), times } = options
  const { ref: image } = await ensureImage(bench.engine.docker)
  const pool = createCellPool({
    bounds: { min, max },
    log: () => {},
    times: { ...QUICK, ...times },
    startCell: (of, ref, relay) => startWaitingCell(bench, { policy: of, image: ref, ...relay }),
  })
  const isBusy = { value: false }
  pool.start({ isBusy: () => isBusy.value, usual: { policy, image } })
  return {
    pool,
    image,
    policy,
    isBusy,
    take: (events = []) => pool.take(policy, image, { onEvent: (event) => void events.push(event) }),
    filled: async (count = min) =>
      void (await waitFor(`${count} idle cells`, async () => pool.metrics().idle >= count)),
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

describe('a pool of cells', { timeout: 120_000 }, () => {
  it('gives a waiting cell at once, and each cell once, whoever asks at the same time', async () => {
    await using test = await openPool({ min: 3 })
    await test.filled()
    const waiting = await bench.left()
    test.isBusy.value = true

    const cells = await Promise.all(Array.from({ length: 50 }, () => test.take()))

    const { hits, joins, misses, waitMs } = test.pool.metrics()
    expect(new Set(cells.map(({ id }) => id)).size).toBe(50)
    expect(new Set(cells.map(({ containerId }) => containerId)).size).toBe(50)
    expect(cells.filter(({ containerId }) => waiting.includes(containerId))).toHaveLength(3)
    expect({ hits, asked: hits + joins + misses, waits: waitMs.count }).toEqual({ hits: 3, asked: 50, waits: 50 })
    expect(() => (cells[0] as unknown as { begin(): void }).begin()).toThrow(/it has had one, expected a fresh cell/)
    for (const cell of cells) cell.kill(CANCELLED)
    const exits = await Promise.all(cells.map((cell) => cell.finished))
    expect(exits.filter(({ removed }) => !removed)).toEqual([])
  })

  it('tells a job what its cell says from then on, and nothing from before', async () => {
    await using test = await openPool({ min: 1 })
    await test.filled()
    const events: CellEvent[] = []

    const cell = await test.take(events)
    await cell.attested
    await cell.endInput()
    const exit = await cell.finished

    expect(events).toEqual([])
    expect(exit).toMatchObject({ cause: null, exitCode: 0, removed: true })
    expect(JSON.parse(Buffer.from(exit.stdout).toString())).toMatchObject({ outcome: { reason: 'infra' } })
  })

  it('passes over a cell that has died, and removes it', async () => {
    await using test = await openPool({ min: 2 })
    await test.filled()
    test.isBusy.value = true
    const dead = await bench.left()
    await Promise.all(dead.map(async (id) => await bench.engine.docker.getContainer(id).kill()))
    // Its stream ends, but nobody has asked the engine yet how the cell ended
    await sleep(5)
    const cells = [await test.take(), await test.take()]

    for (const cell of cells) {
      expect(dead).not.toContain(cell.containerId)
      cell.kill(CANCELLED)
      await cell.finished
    }
    expect(test.pool.metrics().dropped.dead).toBe(2)
  })

  it('notices a death without being asked, and makes another', async () => {
    await using test = await openPool({ min: 1 })
    await test.filled()
    const [dead] = await bench.left()

    await bench.engine.docker.getContainer(dead!).kill()
    await waitFor('a new cell', async () => test.pool.metrics().started === 2 && test.pool.metrics().idle === 1)

    expect(test.pool.metrics().dropped).toMatchObject({ dead: 1 })
    await waitFor('the removal', async () => !(await bench.left()).includes(dead!))
  })

  it('replaces a cell that has waited too long', async () => {
    await using test = await openPool({ min: 1, times: { maxIdleMs: 500 } })
    await test.filled()
    const [old] = await bench.left()

    await waitFor('the removal', async () => !(await bench.left()).includes(old!))

    expect(test.pool.metrics().dropped.aged).toBeGreaterThan(0)
    expect(test.pool.metrics()).toMatchObject({ hits: 0, misses: 0 })
  })

  it('keeps cells of another policy only while somebody asks for it', async () => {
    await using test = await openPool({ min: 1, max: 2, times: { forgetMs: 1500 } })
    await test.filled()
    const trusted = policyWith({}, 'trusted')
    const other = async () => await test.pool.take(trusted, test.image, { onEvent() {} })

    const cold = await other()
    await test.filled(2)
    const warm = await other()
    for (const cell of [cold, warm]) {
      cell.kill(CANCELLED)
      expect((await cell.finished).limits).toMatchObject({ policy: 'trusted' })
    }

    expect(test.pool.metrics()).toMatchObject({ hits: 1, misses: 1 })
    await waitFor('the end of the shelf', async () => (await bench.left()).length === 1, 20_000)
    expect(test.pool.metrics()).toMatchObject({ idle: 1, wanted: 1 })
  })

  it('lets a job have the cell that is being made', async () => {
    await using test = await openPool({ min: 1 })

    const cell = await test.take()

    expect(test.pool.metrics()).toMatchObject({ joins: 1, misses: 0 })
    cell.kill(CANCELLED)
    expect((await cell.finished).removed).toBe(true)
  })

  it('counts wall time and silence from the taking', async () => {
    const policy = policyWith({ wallTimeMs: 1500, noEventTimeMs: 1200 })
    await using test = await openPool({ min: 1, policy })
    await test.filled()
    await sleep(2500)
    expect(test.pool.metrics()).toMatchObject({ idle: 1, started: 1 })

    const cell = await test.take()
    const exit = await cell.finished

    expect(test.pool.metrics().hits).toBe(1)
    expect(exit.cause).toMatchObject({ kind: 'limit_exceeded', reason: 'no_event' })
    expect(exit.usage.wallMs).toBeGreaterThan(1100)
    expect(exit.usage.wallMs).toBeLessThan(2400)
  })

  it('makes nothing while all slots are in use and jobs come', async () => {
    await using test = await openPool({ min: 1, times: { busyQuietMs: 60_000 } })
    await test.filled()
    test.isBusy.value = true

    const cell = await test.take()
    await sleep(2500)

    expect(test.pool.metrics()).toMatchObject({ idle: 0, started: 1 })
    test.isBusy.value = false
    await test.filled()
    cell.kill(CANCELLED)
    await cell.finished
  })

  it('leaves nothing when it is closed in the middle of a refill', async () => {
    const test = await openPool({ min: 2 })
    await test.filled(1)

    await test.pool.close()

    expect(test.pool.metrics().idle).toBe(0)
    const after = await test.take()
    after.kill(CANCELLED)
    await after.finished
    expect(await bench.left()).toEqual([])
  })

  it('needs no more than 64 MiB for a cell that waits, with its threads', async () => {
    const policy = policyWith({}, 'trusted')
    await using test = await openPool({ min: 1, policy })
    await test.filled()
    await sleep(1500)

    const [id] = await bench.left()
    const cell = await test.take()
    cell.kill(CANCELLED)
    const { usage } = await cell.finished

    expect(id).toBe(cell.containerId)
    if (usage.peakMemoryBytes === null) throw new Error('The memory of the cell was not read')
    expect(usage.peakMemoryBytes).toBeLessThan(64 * 2 ** 20)
  })
})

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
