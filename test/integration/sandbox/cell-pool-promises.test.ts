import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { startWaitingCell } from '../../../orchestrator-service/sandbox/docker-driver.ts'
import { ensureImage } from '../../../orchestrator-service/sandbox/image/ensure-image.ts'
import { type CellPool, createCellPool } from '../../../orchestrator-service/sandbox/pool/cell-pool.ts'
import { POOL_TIMES } from '../../../orchestrator-service/sandbox/pool/pool-times.ts'
import { openCellBench, policyWith } from '../../support/cells.ts'
import { encodeInput, makeHeader, makeRunConfig } from '../../support/runner-program.ts'
import { SYMBOL, waitFor } from '../../support/service.ts'
import { ensureTestImage, type TestImageOptions } from '../../support/test-image.ts'
import { realShapedCandles } from '../../bench/candles.ts'

const bench = openCellBench()
afterEach(async () => expect(await bench.left()).toEqual([]))
afterAll(async () => bench[Symbol.asyncDispose]())

const CANCELLED = { kind: 'cancelled', reason: null, message: 'enough' } as const
const LISTENERS = { onEvent() {} }

interface TestPool extends AsyncDisposable {
  readonly pool: CellPool
  readonly image: string
  readonly said: readonly string[]
  /** What each cell of the engine is asked for, in order. */
  readonly asked: readonly string[]
  isBroken: boolean
}

async function openPool(options: { max?: number; image?: TestImageOptions } = {}): Promise<TestPool> {
  const { docker } = bench.engine
  const made = options.image === undefined ? await ensureImage(docker) : await ensureTestImage(docker, options.image)
  const said: string[] = []
  const asked: string[] = []
  const test = { image: made.ref, said, asked, isBroken: false }
  const pool = createCellPool({
    bounds: { min: 1, max: options.max ?? 1 },
    log: (text) => void said.push(text),
    times: { ...POOL_TIMES, quietMs: 1, busyQuietMs: 1 },
    async startCell(policy, ref, relay) {
      asked.push(policy.name)
      if (test.isBroken) throw new Error('the engine is away')
      return await startWaitingCell(bench, { policy, image: ref, ...relay })
    },
  })
  return Object.assign(test, { pool, [Symbol.asyncDispose]: () => pool.close() })
}

const idle = async ({ pool }: TestPool, count = 1): Promise<void> =>
  void (await waitFor(`${count} idle cells`, async () => pool.metrics().idle >= count))

describe('a cell that waits', { timeout: 120_000 }, () => {
  it('serves one job: a second one on the same stream gets no answer', async () => {
    const policy = policyWith()
    await using test = await openPool()
    test.pool.start({ isBusy: () => true, usual: { policy, image: test.image } })
    await idle(test)
    const config = makeRunConfig({ symbols: [SYMBOL], interval: '1m' })
    const job = encodeInput(makeHeader(config), [realShapedCandles(SYMBOL, 100)])

    const cell = await test.pool.take(policy, test.image, LISTENERS)
    await cell.attested
    await cell.send([...job, ...job])
    const exit = await cell.finished

    expect(test.pool.metrics().hits).toBe(1)
    expect(exit).toMatchObject({ cause: null, exitCode: 0, removed: true })
    const documents = Buffer.from(exit.stdout).toString().trim().split('\n')
    expect(documents).toHaveLength(1)
    // What follows the end of the first job makes no other document of it
    expect(['ok', 'platform_error']).toContain(
      (JSON.parse(documents[0]!) as { outcome: { kind: string } }).outcome.kind,
    )
  })

  it('has the limits of its own policy from its start, so that taking it changes none', async () => {
    const policies = [policyWith(), policyWith({}, 'trusted')]
    await using test = await openPool({ max: 2 })
    test.pool.start({ isBusy: () => false, usual: { policy: policies[0]!, image: test.image } })
    await idle(test)
    const first = await test.pool.take(policies[1]!, test.image, LISTENERS)
    await idle(test, 2)
    const cells = await Promise.all(policies.map(async (policy) => await test.pool.take(policy, test.image, LISTENERS)))

    const attested = await Promise.all(cells.map((cell) => cell.attested))
    for (const cell of [first, ...cells]) cell.kill(CANCELLED)
    const exits = await Promise.all([...cells, first].map((cell) => cell.finished))

    expect(test.pool.metrics()).toMatchObject({ hits: 2, misses: 1 })
    expect(attested.map(({ memoryBytes }) => memoryBytes)).toEqual(policies.map(({ memoryBytes }) => memoryBytes))
    expect(attested.map(({ cpuQuota, cpuPeriod }) => cpuQuota / cpuPeriod)).toEqual(policies.map(({ cores }) => cores))
    expect(attested.map(({ pids }) => pids)).toEqual(policies.map(({ pids }) => pids))
    for (const [i, policy] of policies.entries()) {
      expect(exits[i]!.limits).toMatchObject({ policyHash: policy.hash, memoryBytes: policy.memoryBytes })
    }
  })

  it('that could not get ready is counted and told, and its job runs all the same', async () => {
    const sources = {
      'runner-image/tasks/rehearse.ts': `export async function rehearse(): Promise<void> { throw new Error('no stage') }`,
    }
    const policy = policyWith()
    await using test = await openPool({ image: { entry: 'runner', sources } })
    test.pool.start({ isBusy: () => false, usual: { policy, image: test.image } })
    await waitFor('the word of the cell', async () => test.pool.metrics().unready === 1)

    const config = makeRunConfig({ symbols: [SYMBOL], interval: '1m' })
    const cell = await test.pool.take(policy, test.image, LISTENERS)
    await cell.send(encodeInput(makeHeader(config), [realShapedCandles(SYMBOL, 100)]))
    await cell.endInput()
    const exit = await cell.finished

    expect(test.said).toContainEqual(expect.stringContaining('no stage'))
    expect(test.pool.metrics()).toMatchObject({ hits: 1, misses: 0 })
    expect(JSON.parse(Buffer.from(exit.stdout).toString())).toMatchObject({ outcome: { kind: 'ok' } })
  })
})

describe('a pool whose engine fails', { timeout: 120_000 }, () => {
  it('pauses instead of asking again and again, and goes on when the engine is back', async () => {
    const policy = policyWith()
    await using test = await openPool()
    test.isBroken = true
    test.pool.start({ isBusy: () => false, usual: { policy, image: test.image } })
    await waitFor('the second failure', async () => test.pool.metrics().failed === 2)

    expect(test.pool.metrics()).toMatchObject({ paused: true, idle: 0 })
    expect(test.asked).toHaveLength(2)
    expect(test.said).toContainEqual(expect.stringContaining('the engine is away'))
    test.isBroken = false
    await idle(test)
    expect(test.pool.metrics()).toMatchObject({ paused: false, started: 1 })
  })
})
