import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it, vi } from 'vitest'
import { buildContainerSpec } from '../../../orchestrator-service/sandbox/container-spec.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { newCellId } from '../../../orchestrator-service/sandbox/docker-driver.ts'
import { createContainer, startContainer } from '../../../orchestrator-service/sandbox/engine-calls.ts'
import { readInstance } from '../../../orchestrator-service/data-dir/data-dir.ts'
import { startEngineProxy } from '../../support/engine-proxy.ts'
import {
  countContainers,
  listContainers,
  findContradictions,
  openTestApp,
  SUBMISSIONS,
  waitFor,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('an engine that is away for a while', () => {
  it('costs waiting jobs nothing: they run when it is back', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    using sockets = temporaryDirectory()
    const real = connectEngine().endpoint.socketPath ?? '/var/run/docker.sock'
    const proxy = await startEngineProxy(sockets.path, real)
    vi.stubEnv('DOCKER_HOST', proxy.url)
    await using app = await openTestApp(dir.path)
    vi.unstubAllEnvs()
    await writeTestCandles(app)
    await app.start()
    await app.deps.image()

    proxy.close()
    const ids: string[] = []
    for (let i = 0; i < 6; i += 1)
      ids.push((await app.jobs.submit({ owner: 'me', raw: SUBMISSIONS.valid(), idempotency: null })).job.id)
    await sleep(4000)
    const during = await app.stores.jobs.countByState()
    const back = await startEngineProxy(sockets.path, real)
    const jobs = await Promise.all(ids.map(async (id) => await waitForEnd(app, id)))

    expect(during).toMatchObject({ completed: 0, failed: 0 })
    for (const job of jobs) {
      expect(job, job.outcome?.message).toMatchObject({ state: 'completed' })
      expect(await findContradictions(app, job.id)).toEqual([])
    }
    // Only those that had a slot have lost an attempt
    expect(jobs.filter(({ attempt }) => attempt > 1).length).toBeLessThanOrEqual(2)
    await waitFor('the removal of the cells', async () => (await countContainers(dir.path)) === 0)
    await app[Symbol.asyncDispose]()
    back.close()
  })
})

describe('a create that succeeded although its call failed', () => {
  it(
    'leaves a container that is removed within seconds, unlike those that wait',
    { timeout: 120_000 },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      await using app = await openTestApp(dir.path, { warmCells: '1' })
      await app.start()
      await waitFor('a cell that waits', async () => app.pool.metrics().idle === 1)
      const engine = connectEngine()
      const image = await app.deps.image()
      const made: string[] = []
      for (let i = 0; i < 2; i += 1) {
        const identity = {
          image: image.ref,
          instance: readInstance(dir.path)!,
          cellId: newCellId(),
          createdMs: Date.now(),
          networkId: null,
        }
        const spec = buildContainerSpec(app.deps.policies.get('default')!, { ...identity, architecture: 'x64' })
        made.push(await createContainer(engine, spec))
      }
      await startContainer(engine, made[1]!)

      const left = async () => (await listContainers(dir.path)).filter(({ Id }) => made.includes(Id))
      await waitFor('their removal', async () => (await left()).length === 0, 15_000)

      expect(app.pool.metrics()).toMatchObject({ idle: 1, dropped: { dead: 0 } })
    },
  )
})
