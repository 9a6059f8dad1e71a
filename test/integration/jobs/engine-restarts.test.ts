import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, it, vi } from 'vitest'
import type { App } from '../../../orchestrator-service/app.ts'
import { readAuditEvents } from '../../support/audit.ts'
import { type OwnEngine, startOwnEngine } from '../../support/own-engine.ts'
import {
  countContainers,
  findContradictions,
  openTestApp,
  slowSubmission,
  SUBMISSIONS,
  waitFor,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** A service on an engine of the test's own. */
async function openOn(engine: OwnEngine, dataDir: string, options: { warmCells?: string } = {}): Promise<App> {
  vi.stubEnv('DOCKER_HOST', engine.url)
  const app = await openTestApp(dataDir, { concurrency: 2, ...options })
  vi.unstubAllEnvs()
  await writeTestCandles(app)
  await app.start()
  await app.deps.image()
  return app
}

const submit = async (app: App, raw: object): Promise<string> =>
  (await app.jobs.submit({ owner: 'me', raw, idempotency: null })).job.id

const isFed = async (app: App, id: string): Promise<boolean> => (await app.stores.jobs.get(id))?.fed === true

/** A submission that computes for about so long on this machine as it is now. */
async function lasting(app: App, seconds: number): Promise<Record<string, unknown>> {
  const sample = 8
  const { startedAt, finishedAt } = await waitForEnd(app, await submit(app, slowSubmission(sample)))
  return slowSubmission((sample * seconds * 1000) / (finishedAt! - startedAt!))
}

afterEach(() => vi.unstubAllEnvs())

describe('an engine that is restarted under running jobs', () => {
  it.for(['SIGTERM', 'SIGKILL'] as const)(
    'and keeps its containers (live-restore, %s): their jobs go on in the same attempt',
    { timeout: 170_000 },
    async (signal, { expect }) => {
      using dir = temporaryDirectory()
      await using engine = await startOwnEngine({ liveRestore: true })
      await using app = await openOn(engine, dir.path, { warmCells: '1' })
      const submission = await lasting(app, 12)
      const expected = (await waitForEnd(app, await submit(app, submission))).fingerprint
      const running = await submit(app, submission)
      await waitFor('fed', async () => await isFed(app, running))
      await sleep(1200)
      const waiting = await submit(app, SUBMISSIONS.valid())

      await engine.stop(signal)
      await engine.start()
      const job = await waitForEnd(app, running)
      const other = await waitForEnd(app, waiting)

      expect(job).toMatchObject({ state: 'completed', attempt: 1, fingerprint: expected })
      expect(job.outcome?.message).toBe('Verified (engine restarted: adopted)')
      expect(job.outcome?.usage.cpuNanos).toBeGreaterThan(1e8)
      expect(job.outcome?.usage.peakMemoryBytes).toBeGreaterThan(2 ** 20)
      expect(await readAuditEvents(dir.path, { job: running, type: 'job_adopted' })).toMatchObject([
        { cause: 'engine' },
      ])
      expect(other).toMatchObject({ state: 'completed' })
      for (const id of [running, waiting]) expect(await findContradictions(app, id)).toEqual([])
      await app[Symbol.asyncDispose]()
      expect(await countContainers(dir.path, engine.client)).toBe(0)
      expect(engine.processes()).toEqual([])
    },
  )

  it.for(['SIGTERM', 'SIGKILL'] as const)(
    'and kills its containers (%s): their jobs are tried again, and it counts against nobody',
    { timeout: 170_000 },
    async (signal, { expect }) => {
      using dir = temporaryDirectory()
      await using engine = await startOwnEngine({ liveRestore: false })
      await using app = await openOn(engine, dir.path, { warmCells: '1' })
      // The engine gives its containers ten seconds before it kills them
      const running = await submit(app, await lasting(app, 25))
      const cancelled = await submit(app, slowSubmission(600))
      await waitFor('fed', async () => (await isFed(app, running)) && (await isFed(app, cancelled)))
      await sleep(1200)
      const waiting = await submit(app, SUBMISSIONS.valid())

      const stopped = engine.stop(signal)
      await sleep(500)
      await app.jobs.cancel(cancelled, 'me')
      await stopped
      await engine.start()
      const [job, other, gone] = await Promise.all(
        [running, waiting, cancelled].map(async (id) => await waitForEnd(app, id, 120_000)),
      )

      expect(job).toMatchObject({ state: 'completed', attempt: 2 })
      expect(job?.outcome?.message).toBe('Verified (engine restarted: tried again)')
      expect(await readAuditEvents(dir.path, { job: running, type: 'job_retried' })).toMatchObject([
        { attempt: 1, cause: 'engine', reason: 'engine restarted: tried again' },
      ])
      expect(other).toMatchObject({ state: 'completed' })
      expect(gone).toMatchObject({ state: 'cancelled' })
      for (const id of [running, waiting, cancelled]) expect(await findContradictions(app, id)).toEqual([])
      await app[Symbol.asyncDispose]()
      expect(await countContainers(dir.path, engine.client)).toBe(0)
      expect(engine.processes()).toEqual([])
    },
  )
})

describe('an engine that hangs for 30 seconds', () => {
  it('keeps nobody waiting for ever, and leaves nothing when it wakes', { timeout: 170_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using engine = await startOwnEngine({ liveRestore: false })
    await using app = await openOn(engine, dir.path)
    const running = await submit(app, slowSubmission(6))
    const cancelled = await submit(app, slowSubmission(600))
    await waitFor('fed', async () => (await isFed(app, running)) && (await isFed(app, cancelled)))
    const waiting = [await submit(app, SUBMISSIONS.valid()), await submit(app, SUBMISSIONS.valid())]

    engine.freeze()
    const frozen = performance.now()
    let slowest = 0
    for (let second = 0; second < 30; second += 1) {
      if (second === 2) await app.jobs.cancel(cancelled, 'me')
      if (second === 4) waiting.push(await submit(app, SUBMISSIONS.valid()))
      const asked = performance.now()
      await app.stores.jobs.list({ owner: null, limit: 100 })
      await sleep(0)
      slowest = Math.max(slowest, performance.now() - asked)
      await sleep(Math.max(0, frozen + 1000 * (second + 1) - performance.now()))
    }
    engine.thaw()
    const ids = [running, cancelled, ...waiting]
    const jobs = await Promise.all(ids.map(async (id) => await waitForEnd(app, id, 90_000)))

    expect(slowest).toBeLessThan(2000)
    expect(jobs.map(({ state }) => state)).toEqual(['completed', 'cancelled', 'completed', 'completed', 'completed'])
    for (const id of ids) expect(await findContradictions(app, id)).toEqual([])
    await waitFor(
      'the removal of every cell',
      async () => (await countContainers(dir.path, engine.client)) === 0,
      15_000,
    )
    expect(engine.processes()).toEqual([])
  })
})
