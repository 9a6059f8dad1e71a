import { afterAll, beforeAll, describe, it } from 'vitest'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
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
  'GET /v1/admin/pool': { owner: 403, other: 403, auditor: 200, admin: 200 },
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
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    // Made by the policy; in use by somebody else it stays
    await connectEngine()
      .docker.getNetwork('hotcell-mongo')
      .remove()
      .catch(() => {})
  })

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

  describe('which policy a role may ask for', () => {
    const BODIES = {
      'POST /v1/backtests': (policy: string) => sampleBacktest({ options: { policy } }),
      'POST /v1/strategies/inspect': (policy: string) => sampleBacktest({ options: { policy } }),
    }
    const ask = async (secret: string, route: keyof typeof BODIES, policy: string) => {
      const [method, path] = route.split(' ') as [string, string]
      const answer = await service.request(method, path, { secret, body: BODIES[route](policy) })
      const { code, errors, id } = (await answer.json()) as { code?: string; errors?: object[]; id?: string }
      if (id !== undefined) await service.app.jobs.cancel(id, 'test')
      return { status: answer.status, code, errors }
    }

    it('is in the policy, for submissions and inspections alike', { timeout: 180_000 }, async ({ expect }) => {
      const info = (await connectEngine().docker.info()) as { Runtimes: object }
      const runsc = 'runsc' in info.Runtimes
      const seen: Record<string, unknown> = {}
      const wanted: Record<string, unknown> = {}
      for (const route of ['POST /v1/backtests', 'POST /v1/strategies/inspect'] as const) {
        const good = { status: route === 'POST /v1/backtests' ? 202 : 200, code: undefined }
        const forbidden = { status: 403, code: 'forbidden' }
        const strict = runsc ? good : { status: 422, code: 'policy_unavailable' }
        for (const [policy, user, admin] of [
          ['default', good, good],
          ['strict', strict, strict],
          ['trusted', forbidden, good],
          ['mongo-network', forbidden, good],
        ] as const)
          for (const [caller, expected] of [
            ['other', user],
            ['admin', admin],
            ['auditor', forbidden],
          ] as const) {
            const { status, code, errors } = await ask(secrets[caller]!, route, policy)
            seen[`${route} ${policy} ${caller}`] = { status, code }
            wanted[`${route} ${policy} ${caller}`] = expected
            if (status === 403 && caller === 'other')
              expect(errors).toEqual([
                {
                  pointer: '/options/policy',
                  message: 'is not for the role user, which may ask for default, strict',
                },
              ])
          }
      }

      expect(seen).toEqual(wanted)
    })

    it('holds for replays and for runs that are executed again', { timeout: 120_000 }, async ({ expect }) => {
      const { secret } = await service.createKey('alice', 'admin')
      const headers = { 'Idempotency-Key': 'large' }
      const body = sampleBacktest({ options: { policy: 'trusted' } })
      const send = async (who: string) =>
        await service.request('POST', '/v1/backtests?wait=60', { secret: who, body, headers })
      const first = (await (await send(secret)).json()) as { id: string; limits: object }

      const replayed = await send(secrets['owner']!)
      const again = (await (await send(secret)).json()) as { id: string }
      const verify = async (who: string) =>
        await service.request('POST', `/v1/backtests/${first.id}/verify`, { secret: who })

      expect(replayed.status).toBe(403)
      expect(again.id).toBe(first.id)
      expect((await verify(secrets['owner']!)).status).toBe(403)
      expect((await verify(secret)).status).toBe(202)
      const shown = await service.json('GET', `/v1/backtests/${first.id}`, { secret: secrets['owner']! })
      expect(shown['limits']).toMatchObject({
        policy: 'trusted',
        runtime: 'runc',
        network: 'none',
        memoryBytes: 2 ** 32,
      })
      const result = await service.json('GET', `/v1/backtests/${first.id}/result`, { secret })
      expect(result['limits']).toEqual(shown['limits'])
    })

    it('shows the limits of a job that has no cell yet', async ({ expect }) => {
      const job = await service.json('POST', '/v1/backtests', { body: sampleBacktest() })

      expect(job['limits']).toMatchObject({ policy: 'default', memoryBytes: 2 ** 31, pids: 64, wallTimeMs: 3_600_000 })
    })
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
