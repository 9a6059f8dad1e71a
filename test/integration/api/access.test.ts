import { afterAll, beforeAll, describe, it } from 'vitest'
import { type ApiDocument, operationsOf } from '../../support/api-document.ts'
import { sampleBacktest, startTestService, type TestService } from '../../support/api-service.ts'

/** Who asks. `owner` submitted the job; `other` is a user, too. */
const CALLERS = ['none', 'bad', 'revoked', 'owner', 'other', 'auditor', 'admin'] as const
type Caller = (typeof CALLERS)[number]
type Row = Readonly<Record<Exclude<Caller, 'none' | 'bad' | 'revoked'>, number>>

const job = (status: number): Row => ({ owner: status, other: 404, auditor: status, admin: status })
const change = (status: number): Row => ({ owner: status, other: 404, auditor: 403, admin: status })
const all = (status: number): Row => ({ owner: status, other: status, auditor: status, admin: status })

/** What each caller is answered, by route of the document. A route that is missing here fails the test. */
const EXPECTED: Readonly<Record<string, Row | 'open'>> = {
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'GET /openapi.json': 'open',
  'GET /v1/backtests': all(200),
  'POST /v1/backtests': { owner: 202, other: 202, auditor: 403, admin: 202 },
  'POST /v1/strategies/inspect': { owner: 200, other: 200, auditor: 403, admin: 200 },
  'GET /v1/backtests/{id}': job(200),
  'GET /v1/backtests/{id}/result': job(200),
  'GET /v1/backtests/{id}/trades': job(200),
  'GET /v1/backtests/{id}/equity': job(200),
  'GET /v1/backtests/{id}/fills': job(200),
  'GET /v1/backtests/{id}/orders': job(200),
  'GET /v1/backtests/{id}/refusals': job(200),
  'GET /v1/backtests/{id}/funding': job(200),
  'GET /v1/backtests/{id}/ambiguity': job(200),
  'GET /v1/backtests/{id}/report.html': job(200),
  'GET /v1/backtests/{id}/logs': job(200),
  'GET /v1/backtests/{id}/events': job(200),
  'POST /v1/backtests/{id}/cancel': change(200),
  'POST /v1/backtests/{id}/verify': change(202),
  'DELETE /v1/backtests/{id}': change(204),
  'GET /v1/compare': job(200),
  'GET /v1/candles': all(200),
  'GET /v1/candles/{symbol}/{interval}': all(200),
  'GET /v1/instruments': all(200),
  'GET /v1/admin/cells': { owner: 403, other: 403, auditor: 200, admin: 200 },
  'GET /v1/admin/audit': { owner: 403, other: 403, auditor: 200, admin: 200 },
  'GET /v1/admin/logs': { owner: 403, other: 403, auditor: 200, admin: 200 },
  'POST /v1/admin/prune': { owner: 403, other: 403, auditor: 403, admin: 200 },
  'GET /v1/admin/keys': { owner: 403, other: 403, auditor: 200, admin: 200 },
  'POST /v1/admin/keys': { owner: 403, other: 403, auditor: 403, admin: 201 },
  'DELETE /v1/admin/keys/{id}': { owner: 403, other: 403, auditor: 403, admin: 200 },
}

describe('access', () => {
  let service: TestService
  let routes: string[]
  const secrets: Record<string, string | null> = { none: null, bad: `hk_${'x'.repeat(43)}` }

  beforeAll(async () => {
    service = await startTestService()
    const document = (await service.json('GET', '/openapi.json', { secret: null })) as unknown as ApiDocument
    routes = [...operationsOf(document).keys()]
    for (const [caller, owner, role] of [
      ['owner', 'alice', 'user'],
      ['other', 'bob', 'user'],
      ['auditor', 'carol', 'auditor'],
      ['admin', 'dave', 'admin'],
      ['revoked', 'erin', 'admin'],
    ] as const) {
      const { key, secret } = await service.createKey(owner, role)
      secrets[caller] = secret
      if (caller === 'revoked') await service.app.stores.keys.revoke(key.id, Date.now())
    }
  })
  afterAll(async () => await service[Symbol.asyncDispose]())

  const finishedJob = async (): Promise<string> => {
    const job = await service.json('POST', '/v1/backtests?wait=60', {
      secret: secrets['owner']!,
      body: sampleBacktest(),
    })
    return job['id'] as string
  }
  const bodyOf = (route: string): { body?: unknown } => {
    if (route === 'POST /v1/admin/keys') return { body: { owner: 'frank', role: 'user' } }
    if (route === 'POST /v1/admin/prune') return { body: { olderThanMs: 86_400_000, dryRun: true } }
    return route === 'POST /v1/backtests' || route === 'POST /v1/strategies/inspect' ? { body: sampleBacktest() } : {}
  }

  it('has a row for every route of the document, and no other', ({ expect }) => {
    expect(Object.keys(EXPECTED).sort()).toEqual(routes.sort())
  })

  it('is as expected for every route and caller', async ({ expect }) => {
    const { key } = await service.createKey('grace', 'user')
    let id = await finishedJob()
    const second = await finishedJob()
    const seen: Record<string, Partial<Record<Caller, number>>> = {}
    const wanted: typeof seen = {}

    for (const [route, row] of Object.entries(EXPECTED)) {
      const [method, path] = route.split(' ') as [string, string]
      const target = path.includes('keys') ? key.id : null
      seen[route] = {}
      wanted[route] = Object.fromEntries(
        CALLERS.map((caller) => [caller, row === 'open' ? 200 : caller in row ? row[caller as keyof Row] : 401]),
      )
      for (const caller of CALLERS) {
        const url = (path === '/v1/compare' ? `${path}?run=${id}&run=${second}` : path)
          .replace('{id}', target ?? id)
          .replace('{symbol}', 'SYN-BTC')
          .replace('{interval}', '1h')
        const answer = await service.request(method, url, { secret: secrets[caller]!, ...bodyOf(route) })
        await answer.arrayBuffer()
        seen[route][caller] = answer.status
        if (answer.status === 401) expect(answer.headers.get('www-authenticate')).toContain('Bearer')
        if (answer.status === 204) id = await finishedJob()
      }
    }

    expect(seen).toEqual(wanted)
  })

  it('lists only own jobs to users, and those of one owner to administrators and auditors', async ({ expect }) => {
    await finishedJob()
    const owners = async (caller: Caller, query = '') => {
      const page = await service.json('GET', `/v1/backtests${query}`, { secret: secrets[caller]! })
      return new Set((page['jobs'] as { owner: string }[]).map(({ owner }) => owner))
    }

    expect(await owners('owner')).toEqual(new Set(['alice']))
    expect(await owners('owner', '?owner=alice')).toEqual(new Set(['alice']))
    expect([...(await owners('admin'))]).toEqual(expect.arrayContaining(['alice', 'bob', 'dave']))
    expect(await owners('auditor', '?owner=alice')).toEqual(new Set(['alice']))
    const foreign = await service.request('GET', '/v1/backtests?owner=alice', { secret: secrets['other']! })
    expect(foreign.status).toBe(403)
  })

  it('lets the token of this start act as an administrator with owner local', async ({ expect }) => {
    const job = await service.json('POST', '/v1/backtests', { body: sampleBacktest() })

    expect(job['owner']).toBe('local')
    expect((await service.request('GET', '/v1/admin/keys')).status).toBe(200)
    expect((await service.request('GET', '/v1/admin/keys', { secret: `${service.token}x` })).status).toBe(401)
  })

  it('shows a secret once and never again, and logs none', async ({ expect }) => {
    const created = await service.json('POST', '/v1/admin/keys', { body: { owner: 'heidi', role: 'user' } })
    const secret = created['secret'] as string

    expect(secret).toMatch(/^hk_[A-Za-z0-9_-]{43}$/)
    expect((await service.request('GET', '/v1/backtests', { secret })).status).toBe(200)
    expect(JSON.stringify(await service.json('GET', '/v1/admin/keys'))).not.toContain(secret)
    expect((await service.request('DELETE', `/v1/admin/keys/${String(created['id'])}`)).status).toBe(200)
    expect((await service.request('GET', '/v1/backtests', { secret })).status).toBe(401)
    const logged = service.logLines.join('')
    for (const word of [secret, service.token, ...Object.values(secrets)])
      if (word !== null) expect(logged).not.toContain(word)
    expect(logged).toContain('"status":401')
  })
})
