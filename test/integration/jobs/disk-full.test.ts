import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { auditFile } from '../../../orchestrator-service/audit/audit-lines.ts'
import { verifyChain } from '../../../orchestrator-service/audit/verify-chain.ts'
import { readAuditEvents } from '../../support/audit.ts'
import { mountSmallDisk } from '../../support/small-disk.ts'
import {
  countContainers,
  findContradictions,
  listContainers,
  openTestApp,
  slowSubmission,
  SUBMISSIONS,
  waitFor,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'

describe('a data directory whose disk is full', () => {
  it('takes in nothing, begins nothing, and loses nothing that ran', { timeout: 300_000 }, async ({ expect }) => {
    using disk = mountSmallDisk(8)
    if (disk === null) {
      process.stderr.write('left out: only root can mount a small disk\n')
      return
    }
    const dataDir = `${disk.path}/data`
    await using app = await openTestApp(dataDir, { concurrency: 2 })
    await writeTestCandles(app)
    await app.start()
    const submit = async (raw: object): Promise<string> =>
      (await app.jobs.submit({ owner: 'me', raw, idempotency: null })).job.id
    const running = [await submit(slowSubmission(2)), await submit(SUBMISSIONS.throwing())]
    await waitFor('fed', async () => (await app.stores.jobs.get(running[0]!))?.fed === true)

    disk.fill()
    const accepted: string[] = []
    const codes = new Set<string>()
    for (let i = 0; i < 40; i += 1) {
      const answer = submit(SUBMISSIONS.valid())
      await answer.then(
        (id) => accepted.push(id),
        (error: { code: string }) => codes.add(error.code),
      )
      await sleep(50)
    }
    // The container stays until the end is stored
    const isRunning = async () => (await listContainers(dataDir)).some(({ State }) => State === 'running')
    await waitFor('the end of the cell', async () => !(await isRunning()), 120_000)
    await sleep(2500)
    const during = await app.stores.jobs.countByState()
    const begun = (await readAuditEvents(dataDir, { type: 'job_taken' })).length

    disk.makeRoom()
    const ids = [...running, ...accepted]
    const ends = await Promise.all(ids.map(async (id) => await waitForEnd(app, id, 150_000)))

    expect([...codes]).toEqual(['service_unavailable'])
    // What was refused is nowhere
    const { jobs } = await app.stores.jobs.list({ owner: null, limit: 100 })
    expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(ids))
    // Nothing was taken that could not be written down, and nothing that ran has failed for it
    expect(begun).toBeLessThanOrEqual(running.length + accepted.length)
    expect(during.failed).toBeLessThanOrEqual(1)
    expect(ends[0]).toMatchObject({ state: 'completed' })
    expect(ends[1]).toMatchObject({ state: 'failed', outcome: { kind: 'strategy_error', reason: 'threw' } })
    for (const job of ends.slice(2)) expect(job).toMatchObject({ state: 'completed' })
    for (const id of ids) expect(await findContradictions(app, id)).toEqual([])
    await waitFor('no container', async () => (await countContainers(dataDir)) === 0)
    expect(await verifyChain(auditFile(dataDir))).toMatchObject({ ok: true })
    process.stderr.write(
      `disk full: ${accepted.length} of 40 taken in, ends ${ends.map(({ outcome }) => outcome?.message).join(' | ')}\n`,
    )
    // It is looked for room once a second
    const next = await waitFor(
      'a submission that is taken in',
      async () => await submit(SUBMISSIONS.valid()).catch(() => null),
    )
    expect((await waitForEnd(app, next)).state).toBe('completed')
  })
})
