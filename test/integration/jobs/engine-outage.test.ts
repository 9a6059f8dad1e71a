import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it, vi } from 'vitest'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { startEngineProxy } from '../../support/engine-proxy.ts'
import {
  countContainers,
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
