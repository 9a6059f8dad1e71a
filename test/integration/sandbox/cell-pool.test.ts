import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { startWaitingCell } from '../../../orchestrator-service/sandbox/docker-driver.ts'
import { ensureImage } from '../../../orchestrator-service/sandbox/image/ensure-image.ts'
import type { SandboxPolicy } from '../../../orchestrator-service/sandbox/policy.ts'
import { type CellPool, createCellPool } from '../../../orchestrator-service/sandbox/pool/cell-pool.ts'
import type { CellPoolTimes } from '../../../orchestrator-service/sandbox/pool/pool-times.ts'
import type { CellEvent } from '../../../src/protocol/events.ts'
import { openCellBench, policyWith } from '../../support/cells.ts'
import { waitFor } from '../../support/service.ts'

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
    // From its start it would be the 2.5 s of waiting more
    expect(exit.usage.wallMs).toBeLessThan(3600)
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
    // The first cell after the image was loaded is charged for the files of the image, too
    const first = await test.take()
    first.kill(CANCELLED)
    await first.finished
    await test.filled()
    await sleep(1500)

    // What it holds, not what it needed when it started: how many threads start at once hangs on what else the machine does
    const [id] = await bench.left()
    const { memory_stats: held } = await bench.engine.docker.getContainer(id!).stats({ stream: false })

    expect(test.pool.metrics().idle).toBe(1)
    expect(held.usage).toBeLessThan(64 * 2 ** 20)
  })
})
