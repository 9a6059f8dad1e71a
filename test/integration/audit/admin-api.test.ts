import { renameSync } from 'node:fs'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { auditFile } from '../../../orchestrator-service/audit/audit-lines.ts'
import { verifyChain } from '../../../orchestrator-service/audit/verify-chain.ts'
import type { AuditRecord } from '../../../orchestrator-service/audit/audit-event.ts'
import { type ApiDocument, answerProblems } from '../../support/api-document.ts'
import { sampleBacktest, sourceBacktest, startTestService, type TestService } from '../../support/api-service.ts'
import { readAuditEvents } from '../../support/audit.ts'
import { waitFor } from '../../support/service.ts'

const TALKING = `import { BaseStrategy } from 'hotcell'
export default class Talking extends BaseStrategy {
  decide({ index }) {
    if (index % 100 === 0) console.log('bar ' + index)
    if (index % 200 === 0) console.warn('odd \\u001b[31m' + index)
    return null
  }
}
`
const SLOW = `import { BaseStrategy } from 'hotcell'
export default class Slow extends BaseStrategy {
  decide({ index }) {
    let x = index
    for (let i = 0; i < 3000000; i += 1) x = (x * 31 + i) % 1000003
    return x < 0 ? { signal: 'BUY' } : null
  }
}
`

describe('routes of administrators', () => {
  let service: TestService
  let document: ApiDocument
  const secrets: Record<string, string> = {}
  const as = (caller: string) => ({ secret: secrets[caller]! })
  const finished = async (caller: string, body: unknown = sampleBacktest()): Promise<string> =>
    (await service.json('POST', '/v1/backtests?wait=60', { ...as(caller), body }))['id'] as string

  beforeAll(async () => {
    service = await startTestService()
    document = (await service.json('GET', '/openapi.json', { secret: null })) as unknown as ApiDocument
    for (const [owner, role] of [
      ['alice', 'user'],
      ['bob', 'user'],
      ['carol', 'auditor'],
      ['dave', 'admin'],
    ] as const)
      secrets[owner] = (await service.createKey(owner, role)).secret
  })
  afterAll(async () => await service[Symbol.asyncDispose]())

  const eventsOf = async (query: string): Promise<AuditRecord['event'][]> =>
    ((await service.json('GET', `/v1/admin/audit?limit=1000&${query}`, as('carol')))['records'] as AuditRecord[]).map(
      ({ event }) => event,
    )

  it('write down what they read of others, and not what anybody reads of himself', async ({ expect }) => {
    const id = await finished('alice')
    const parts = ['result', 'trades', 'equity', 'report.html', 'logs', 'events']

    for (const part of ['', ...parts.map((one) => `/${one}`)])
      for (const caller of ['alice', 'bob', 'carol', 'dave'])
        await (await service.request('GET', `/v1/backtests/${id}${part}`, as(caller))).arrayBuffer()
    await service.request('POST', `/v1/backtests/${id}/verify`, as('dave'))

    const read = await eventsOf(`job=${id}&type=job_read`)
    const seen = (role: string) =>
      read.filter(({ by }) => (by as { role: string }).role === role).map(({ what }) => what)
    const wanted = ['result', 'trades', 'equity', 'report', 'logs', 'events']
    expect(seen('auditor')).toEqual(wanted)
    expect(seen('admin')).toEqual([...wanted, 'request'])
    expect(seen('user')).toEqual([])
    expect(read[0]).toMatchObject({ job: id, owner: 'alice', by: { owner: 'carol', role: 'auditor' } })
    expect((read[0]!['by'] as { key: string }).key).toMatch(/^k-/)
  })

  it('answer nothing of others that cannot be written down', async ({ expect }) => {
    const id = await finished('alice')
    const path = auditFile(service.app.config.dataDir)
    renameSync(path, `${path}.away`)
    try {
      const answers = []
      for (const what of [`/v1/backtests/${id}/result`, `/v1/backtests/${id}/logs`, '/v1/admin/logs', '/v1/admin/keys'])
        answers.push(await service.json('GET', what, as('dave')))
      answers.push(await service.json('POST', '/v1/backtests', { ...as('alice'), body: sampleBacktest() }))
      answers.push(await service.json('POST', '/v1/admin/prune', { ...as('dave'), body: { olderThanMs: 0 } }))

      expect(answers.map(({ status, code }) => `${String(status)} ${String(code)}`)).toEqual(
        Array.from({ length: 6 }, () => '503 service_unavailable'),
      )
      expect(JSON.stringify(answers)).not.toContain(service.app.config.dataDir)
      expect((await service.request('GET', `/v1/backtests/${id}/result`, as('alice'))).status).toBe(200)
    } finally {
      renameSync(`${path}.away`, path)
    }
    await waitFor('the log', async () => service.app.audit.failure === null)
    expect(await finished('alice')).toMatch(/^r-/)
    expect(await eventsOf('type=writing_resumed')).toHaveLength(1)
  })

  it('write down keys that are made, listed and revoked', async ({ expect }) => {
    const { id } = await service.json('POST', '/v1/admin/keys', { ...as('dave'), body: { owner: 'eve', role: 'user' } })
    await service.json('GET', '/v1/admin/keys', as('carol'))
    await service.json('DELETE', `/v1/admin/keys/${String(id)}`, as('dave'))

    expect(await eventsOf('type=key_created')).toContainEqual(
      expect.objectContaining({ key: id, owner: 'eve', role: 'user' }) as unknown,
    )
    expect((await eventsOf('type=keys_listed')).at(-1)).toMatchObject({ by: { owner: 'carol', role: 'auditor' } })
    expect((await eventsOf('type=key_revoked')).at(-1)).toMatchObject({ key: id })
  })

  it('page through the audit log by sequence, as JSON or as its own lines', async ({ expect }) => {
    const first = await service.json('GET', '/v1/admin/audit?limit=2', as('carol'))
    const second = await service.json('GET', `/v1/admin/audit?limit=2&from=${String(first['next'])}`, as('carol'))
    const sequences = [first, second].flatMap((page) =>
      (page['records'] as AuditRecord[]).map(({ sequence }) => sequence),
    )
    const lines = await (
      await service.request('GET', '/v1/admin/audit?format=ndjson&from=2&limit=3', as('carol'))
    ).text()
    const beyond = await service.json('GET', '/v1/admin/audit?from=100000', as('carol'))

    expect(sequences).toEqual([1, 2, 3, 4])
    expect(
      lines
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as AuditRecord).sequence),
    ).toEqual([2, 3, 4])
    expect(beyond).toEqual({ records: [], next: null })
    expect((await service.request('GET', '/v1/admin/audit?from=0', as('carol'))).status).toBe(400)
  })

  it('search the logs of all jobs, page by page, and write down whose', { timeout: 120_000 }, async ({ expect }) => {
    const ids = [await finished('alice', sourceBacktest(TALKING)), await finished('bob', sourceBacktest(TALKING))]
    const pages = async (query: string, caller = 'carol') => {
      const entries: Record<string, unknown>[] = []
      let cursor = ''
      for (let page = 0; page < 100; page += 1) {
        const answer = await service.json('GET', `/v1/admin/logs?${query}${cursor}`, as(caller))
        entries.push(...(answer['entries'] as Record<string, unknown>[]))
        if (answer['cursor'] === null) return entries
        cursor = `&cursor=${answer['cursor'] as string}`
      }
      throw new Error('no end')
    }

    const whole = await pages('limit=1000')
    const small = await pages('limit=7')
    const warnings = await pages('level=warn&source=strategy')
    const own = await pages(`owner=bob&job=${ids[1]!}`)

    expect(small).toEqual(whole)
    expect(whole.map(({ job }) => job)).toEqual(expect.arrayContaining(ids))
    expect(warnings.length).toBeGreaterThan(4)
    expect(
      warnings.every(
        ({ level, source, text }) => level === 'warn' && source === 'strategy' && String(text).startsWith('odd '),
      ),
    ).toBe(true)
    expect(new Set(own.map(({ job, owner }) => `${String(job)} ${String(owner)}`))).toEqual(new Set([`${ids[1]!} bob`]))
    expect(await pages(`owner=alice&job=${ids[1]!}`)).toEqual([])
    const searched = await eventsOf('type=logs_searched')
    expect(searched.at(-1)).toMatchObject({ jobs: [ids[1]], filter: { job: ids[1], owner: 'bob' } })
    const bad = await service.request('GET', '/v1/admin/logs?cursor=abc', as('carol'))
    expect(bad.status).toBe(400)
  })

  it('show the cell of a running job', { timeout: 60_000 }, async ({ expect }) => {
    const { id } = await service.json('POST', '/v1/backtests', { ...as('alice'), body: sourceBacktest(SLOW) })

    const cell = await waitFor('the cell', async () => {
      const { cells } = await service.json('GET', '/v1/admin/cells', as('carol'))
      return (cells as Record<string, unknown>[]).find(({ job, state }) => job === id && state === 'running') ?? null
    })
    await service.request('POST', `/v1/backtests/${String(id)}/cancel`, as('alice'))

    const { memoryBytes, hash } = service.app.deps.policies.get('default')!
    expect(cell).toMatchObject({ attempt: 1, owner: 'alice', policy: 'default', policyHash: hash, memoryBytes })
    expect(cell['ageMs']).toBeLessThan(60_000)
    await waitFor('the end of the cell', async () => {
      const { cells } = await service.json('GET', '/v1/admin/cells', as('carol'))
      return (cells as { job: unknown }[]).every(({ job }) => job !== id)
    })
  })

  it('prune what is old, after it is written down', { timeout: 120_000 }, async ({ expect }) => {
    const before = (await service.json('GET', '/v1/backtests?limit=200', as('dave')))['jobs'] as { id: string }[]
    const id = await finished('alice')
    const prune = async (body: object) => await service.json('POST', '/v1/admin/prune', { ...as('dave'), body })

    const none = await prune({ olderThanMs: 3_600_000 })
    const dry = await prune({ olderThanMs: 0, keep: 1, dryRun: true })
    const still = (await service.json('GET', '/v1/backtests?limit=200', as('dave')))['jobs'] as object[]
    const done = await prune({ olderThanMs: 0, keep: 1 })
    const left = (await service.json('GET', '/v1/backtests?limit=200', as('dave')))['jobs'] as { id: string }[]

    expect(none).toMatchObject({ jobs: [], images: [] })
    expect(still).toHaveLength(before.length + 1)
    expect(done['jobs']).toEqual(dry['jobs'])
    expect(left.map((job) => job.id)).toEqual([id])
    expect(done['jobs']).toHaveLength(before.length)
    expect(await eventsOf('type=pruned')).toEqual([
      expect.objectContaining({ jobs: done['jobs'], kept: 1, images: [] }) as unknown,
    ])
    for (const { id: gone } of before)
      expect((await service.request('GET', `/v1/backtests/${gone}`, as('dave'))).status).toBe(404)
    expect(await verifyChain(auditFile(service.app.config.dataDir))).toMatchObject({ ok: true })
    expect(await readAuditEvents(service.app.config.dataDir, { job: before[0]!.id })).not.toEqual([])
    expect((await service.request('POST', '/v1/admin/prune', { ...as('dave'), body: {} })).status).toBe(400)
  })

  it('answer as the document says', async ({ expect }) => {
    const calls: [string, string, object?][] = [
      ['GET', '/v1/admin/cells'],
      ['GET', '/v1/admin/pool'],
      ['GET', '/v1/admin/audit'],
      ['GET', '/v1/admin/logs'],
      ['POST', '/v1/admin/prune', { body: { olderThanMs: 1000, dryRun: true } }],
    ]
    for (const [method, path, body] of calls) {
      const answer = await service.request(method, path, { ...as('dave'), ...body })

      expect(answer.status).toBe(200)
      expect(await answerProblems(document, `${method} ${path}`, answer)).toEqual([])
    }
  })
})
