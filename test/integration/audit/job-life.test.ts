import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'vitest'
import { auditFile } from '../../../orchestrator-service/audit/audit-lines.ts'
import { verifyChain } from '../../../orchestrator-service/audit/verify-chain.ts'
import { readAudit, readAuditEvents } from '../../support/audit.ts'
import {
  openTestApp,
  slowSubmission,
  SUBMISSIONS,
  waitFor,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const BEGINNING = ['job_submitted', 'job_taken', 'cell_started', 'cell_attested', 'cell_ended']
/** The container of a cell that has answered stays until the answer is stored. */
const ANSWERED = [...BEGINNING, 'job_finished', 'cell_gone']
const KILLED = [...BEGINNING, 'cell_gone', 'job_finished']
const HASH = /^[0-9a-f]{64}$/

describe('the audit log of a service', () => {
  it(
    'tells the whole life of jobs in order, with hashes, limits and ends',
    { timeout: 120_000 },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      const ids: Record<string, string> = {}
      {
        await using app = await openTestApp(dir.path)
        await writeTestCandles(app)
        await app.start()
        const submit = async (name: string, raw: object): Promise<string> =>
          (ids[name] = (await app.jobs.submit({ owner: 'alice', by: 'k-alice', raw, idempotency: null })).job.id)
        for (const name of ['valid', 'endless', 'unknown'] as const)
          await waitForEnd(app, await submit(name, SUBMISSIONS[name]()))
        const slow = await submit('slow', slowSubmission(60))
        await waitFor('the cell', async () => (await app.stores.jobs.get(slow))?.fed ?? null)
        await app.jobs.cancel(slow, 'k-alice')
        await waitForEnd(app, slow)
        await app.jobs.delete(ids['unknown']!, 'k-admin')
      }

      const typesOf = async (name: string) =>
        (await readAuditEvents(dir.path, { job: ids[name]! })).map(({ type }) => type)
      const all = await readAudit(dir.path)
      const find = async (name: string, type: string) =>
        (await readAuditEvents(dir.path, { job: ids[name]!, type }))[0]!
      expect(await typesOf('valid')).toEqual(ANSWERED)
      expect(await typesOf('endless')).toEqual(KILLED)
      expect(await typesOf('unknown')).toEqual(['job_submitted', 'job_taken', 'job_finished', 'job_deleted'])
      expect(await typesOf('slow')).toEqual(KILLED.toSpliced(4, 0, 'job_cancel_requested'))
      expect(all.slice(0, 3).map(({ event }) => event.type)).toEqual([
        'chain_started',
        'service_started',
        'key_created',
      ])
      expect(all.at(-1)!.event.type).toBe('service_stopped')

      const submitted = await find('valid', 'job_submitted')
      expect(submitted).toMatchObject({ owner: 'alice', by: 'k-alice', policy: 'default', verifies: null })
      expect(submitted['requestSha256']).toMatch(HASH)
      const started = await find('valid', 'cell_started')
      expect(started).toMatchObject({ attempt: 1, policy: 'default', policyHash: submitted['policyHash'] })
      expect(started['container']).toMatch(HASH)
      expect(String(started['imageDigest'])).toMatch(/sha256|^[0-9a-f]{64}$/)
      expect(started['limits']).toMatchObject({ runtime: 'runc', pids: expect.any(Number) as number })
      expect((await find('valid', 'cell_attested'))['attestationSha256']).toMatch(HASH)
      const ended = await find('valid', 'cell_ended')
      expect(ended).toMatchObject({ exitCode: 0, killedBy: null, kind: null, oomKilled: false, cell: started['cell'] })
      expect(ended['stdoutBytes']).toBeGreaterThan(0)
      expect([ended['stdoutSha256'], ended['stderrSha256']]).toEqual([
        expect.stringMatching(HASH) as string,
        expect.stringMatching(HASH) as string,
      ])
      expect(await find('valid', 'job_finished')).toMatchObject({ state: 'completed', kind: 'ok', attempt: 1 })
      expect(await find('endless', 'cell_ended')).toMatchObject({ kind: 'limit_exceeded', reason: 'bar_time' })
      expect(await find('slow', 'cell_ended')).toMatchObject({ killedBy: 'host', kind: 'cancelled', signal: 'SIGKILL' })
      for (const name of ['valid', 'endless', 'slow'])
        expect(await find(name, 'cell_gone')).toMatchObject({ removed: true, cgroup: 'gone', attempt: 1 })
      expect(await verifyChain(auditFile(dir.path))).toMatchObject({ ok: true, records: all.length })
    },
  )

  it('gets the end of a job that was killed before it could write it', { timeout: 60_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    const ids: string[] = []
    {
      await using app = await openTestApp(dir.path)
      await writeTestCandles(app)
      await app.start()
      for (let i = 0; i < 2; i += 1) {
        const { job } = await app.jobs.submit({ owner: 'alice', raw: SUBMISSIONS.valid(), idempotency: null })
        await waitForEnd(app, job.id)
        ids.push(job.id)
      }
    }
    const path = auditFile(dir.path)
    const lines = readFileSync(path, 'utf8').split('\n')
    const cut = lines.findLastIndex((line) => line.includes('job_finished'))
    writeFileSync(path, `${lines.slice(0, cut).join('\n')}\n`)

    {
      await using app = await openTestApp(dir.path)
      await app.start()
    }

    const ends = await readAuditEvents(dir.path, { type: 'job_finished' })
    expect(ends.map(({ job }) => job)).toEqual(ids)
    expect(ends[1]).toEqual({ ...ends[0]!, job: ids[1], late: true })
    expect(await verifyChain(path)).toMatchObject({ ok: true })
  })

  it('tells of the cell of an inspection', { timeout: 60_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    {
      await using app = await openTestApp(dir.path)
      await app.start()
      await app.jobs.inspect(SUBMISSIONS.valid(), new AbortController().signal)
    }

    const events = await readAuditEvents(dir.path, { job: 'inspect' })

    expect(events.map(({ type }) => type)).toEqual(['cell_started', 'cell_attested', 'cell_ended', 'cell_gone'])
  })
})
