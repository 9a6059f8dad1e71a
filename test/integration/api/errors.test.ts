import { connect } from 'node:net'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { type ApiDocument, answerProblems } from '../../support/api-document.ts'
import { type RequestOptions, sampleBacktest, startTestService, type TestService } from '../../support/api-service.ts'

interface ProblemAnswer {
  readonly status: number
  readonly code: string
  readonly errors: { pointer: string }[]
  readonly detail: string
  readonly hint: string
}

type Case = [
  name: string,
  route: string,
  path: string,
  options: RequestOptions,
  status: number,
  code: string,
  pointer?: string,
]

const json = { 'content-type': 'application/json' }
const submit = 'POST /v1/backtests'
const raw = (text: string): RequestOptions => ({ raw: text, headers: json })
const job = 'GET /v1/backtests/{id}'

/** `path` without a query is the one of the route. */
const CASES: Case[] = [
  ['no body', submit, '', {}, 400, 'invalid_config', ''],
  ['an empty body', submit, '', raw(''), 400, 'invalid_config', ''],
  ['no JSON', submit, '', raw('{"strategy": '), 400, 'invalid_config', ''],
  ['a key twice', submit, '', raw('{"symbols": [], "symbols": []}'), 400, 'invalid_config', '/symbols'],
  ['__proto__', submit, '', raw('{"args": {"__proto__": 1}}'), 400, 'invalid_config', '/args/__proto__'],
  ['a number that is none', submit, '', raw('{"initialCash": 1e999}'), 400, 'invalid_config', '/initialCash'],
  ['nesting without end', submit, '', raw('['.repeat(1000)), 400, 'invalid_config'],
  ['an array', submit, '', { body: [] }, 400, 'invalid_config', ''],
  ['an unknown field', submit, '', { body: sampleBacktest({ nonsense: 1 }) }, 400, 'invalid_config', '/nonsense'],
  [
    'an unknown policy',
    submit,
    '',
    { body: sampleBacktest({ options: { policy: 'x' } }) },
    400,
    'invalid_config',
    '/options/policy',
  ],
  ['a body of 5 MiB', submit, '', raw(`"${'x'.repeat(5 * 1024 * 1024)}"`), 413, 'body_too_large'],
  [
    'another type',
    submit,
    '',
    { raw: 'a=b', headers: { 'content-type': 'text/plain' } },
    415,
    'unsupported_media_type',
  ],
  ['a wait that is none', submit, '?wait=soon', { body: sampleBacktest() }, 400, 'invalid_request', '/query/wait'],
  ['a wait of an hour', submit, '?wait=3600', { body: sampleBacktest() }, 400, 'invalid_request', '/query/wait'],
  ['an unknown query', submit, '?dry=true', { body: sampleBacktest() }, 400, 'invalid_request', '/query/dry'],
  [
    'a query that names a prototype',
    'GET /v1/backtests',
    '?__proto__=1&__proto__=2',
    {},
    400,
    'invalid_request',
    '/query/__proto__',
  ],
  [
    'a key with a blank',
    submit,
    '',
    { body: sampleBacktest(), headers: { 'idempotency-key': 'a b' } },
    400,
    'invalid_request',
    '/headers/Idempotency-Key',
  ],
  ['a limit of 0', 'GET /v1/backtests', '?limit=0', {}, 400, 'invalid_request', '/query/limit'],
  ['a limit as 1e1', 'GET /v1/backtests', '?limit=1e1', {}, 400, 'invalid_request', '/query/limit'],
  ['a limit twice', 'GET /v1/backtests', '?limit=1&limit=2', {}, 400, 'invalid_request', '/query/limit'],
  ['an unknown state', 'GET /v1/backtests', '?state=lost', {}, 400, 'invalid_request', '/query/state/0'],
  ['a label without name', 'GET /v1/backtests', '?label=x', {}, 400, 'invalid_request', '/query/label'],
  ['a day that is none', 'GET /v1/backtests', '?from=2024-02-30T00:00:00Z', {}, 400, 'invalid_request', '/query/from'],
  ['a made-up cursor', 'GET /v1/backtests', '?cursor=xyz', {}, 400, 'invalid_request', '/query/cursor'],
  ['an unknown job', job, '', {}, 404, 'unknown_run'],
  ['the result of an unknown job', `${job}/result`, '', {}, 404, 'unknown_run'],
  ['the log of an unknown job', `${job}/logs`, '', {}, 404, 'unknown_run'],
  ['another format', `${job}/fills`, '?format=xlsx', {}, 400, 'invalid_request', '/query/format'],
  ['a negative offset', `${job}/logs`, '?from=-1', {}, 400, 'invalid_request', '/query/from'],
  [
    'an event id',
    `${job}/events`,
    '',
    { headers: { 'last-event-id': 'x' } },
    400,
    'invalid_request',
    '/headers/Last-Event-ID',
  ],
  ['cancelling nothing', 'POST /v1/backtests/{id}/cancel', '', {}, 404, 'unknown_run'],
  ['cancelling with a body', 'POST /v1/backtests/{id}/cancel', '', { body: { now: true } }, 400, 'invalid_request', ''],
  ['verifying nothing', 'POST /v1/backtests/{id}/verify', '', {}, 404, 'unknown_run'],
  ['deleting nothing', 'DELETE /v1/backtests/{id}', '', {}, 404, 'unknown_run'],
  ['inspecting nothing', 'POST /v1/strategies/inspect', '', { body: {} }, 400, 'invalid_config', '/strategy'],
  ['candles that are not there', 'GET /v1/candles/{symbol}/{interval}', '', {}, 404, 'data_unavailable'],
  [
    'another market',
    'GET /v1/candles/{symbol}/{interval}',
    '?market=moon',
    {},
    400,
    'invalid_request',
    '/query/market',
  ],
  ['a key without owner', 'POST /v1/admin/keys', '', { body: { role: 'user' } }, 400, 'invalid_request', '/owner'],
  [
    'a key of another role',
    'POST /v1/admin/keys',
    '',
    { body: { owner: 'a', role: 'root' } },
    400,
    'invalid_request',
    '/role',
  ],
  [
    'a key from a text',
    'POST /v1/admin/keys',
    '',
    raw('{"owner": "a", "owner": "b"}'),
    400,
    'invalid_request',
    '/owner',
  ],
  ['revoking nothing', 'DELETE /v1/admin/keys/{id}', '', {}, 404, 'unknown_key'],
]

describe('errors', () => {
  let service: TestService
  let document: ApiDocument

  beforeAll(async () => {
    service = await startTestService()
    document = (await service.json('GET', '/openapi.json')) as unknown as ApiDocument
  })
  afterAll(async () => await service[Symbol.asyncDispose]())

  for (const [name, route, query, options, status, code, pointer] of CASES) {
    it(`${route} with ${name} is ${status} ${code}`, async ({ expect }) => {
      const [method, path] = route.split(' ') as [string, string]
      const url = path.replace('{id}', 'r-nobodys').replace('{symbol}', 'NONE').replace('{interval}', '1h') + query

      const answer = await service.request(method, url, options)

      expect(await answerProblems(document, route, answer.clone())).toEqual([])
      const problem = (await answer.json()) as ProblemAnswer
      expect(problem).toMatchObject({ status, code, type: `urn:hotcell:error:${code}` })
      expect(problem.detail).toMatch(/^Cannot /)
      expect(problem.hint).not.toBe('')
      if (pointer !== undefined) expect(problem.errors.map((error) => error.pointer)).toContain(pointer)
    })
  }

  it('names all faults of a request at once', async ({ expect }) => {
    const answer = await service.json('GET', '/v1/backtests?limit=x&state=y&z=1')

    const pointers = (answer['errors'] as { pointer: string }[]).map(({ pointer }) => pointer)
    expect(pointers.sort()).toEqual(['/query/limit', '/query/state/0', '/query/z'])
  })

  it('answers unknown paths with 404 and other methods with 405 and Allow', async ({ expect }) => {
    const lost = await service.request('GET', '/v2/backtests')
    const put = await service.request('PUT', '/v1/backtests', { secret: null })
    const options = await service.request('OPTIONS', '/v1/backtests/r-x/events', {
      headers: { origin: 'https://a.example' },
    })

    expect([lost.status, ((await lost.json()) as ProblemAnswer).code]).toEqual([404, 'unknown_route'])
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
    expect(((await put.json()) as ProblemAnswer).code).toBe('method_not_allowed')
    expect([options.status, options.headers.get('allow')]).toEqual([405, 'GET'])
    expect([...options.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('answers what is not HTTP, or too large for it, in the same form', async ({ expect }) => {
    const port = Number(new URL(service.url).port)

    const broken = await sendRaw(port, 'NONSENSE\r\n\r\n')
    const large = await sendRaw(port, `GET / HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`)
    const badPath = await sendRaw(port, 'GET /v1/backtests/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')

    expect(broken).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"invalid_request"/)
    expect(large).toMatch(/^HTTP\/1\.1 431 [\s\S]*application\/problem\+json[\s\S]*"code":"headers_too_large"/)
    expect(badPath).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"invalid_request"/)
  })

  it('gets its refusal through to a client that keeps sending', async ({ expect }) => {
    const port = Number(new URL(service.url).port)
    const head = `${submit} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${service.token}\r\ncontent-type: application/json\r\n`
    const tooLarge = `transfer-encoding: chunked\r\n\r\n${`100000\r\n${' '.repeat(2 ** 20)}\r\n`.repeat(32)}0\r\n\r\n`

    for (let round = 0; round < 10; round++)
      expect(await sendRaw(port, head + tooLarge)).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"body_too_large"/)
  })

  it('tells nothing of its inside when it fails', async ({ expect }) => {
    const broken = vi.spyOn(service.app.archive, 'list').mockRejectedValue(new Error('secret path /etc/x'))

    const answer = await service.request('GET', '/v1/candles')

    broken.mockRestore()
    const problem = (await answer.json()) as ProblemAnswer
    expect([answer.status, problem.code]).toEqual([500, 'invariant'])
    expect(JSON.stringify(problem)).not.toContain('secret path')
    expect(problem.detail).toContain(answer.headers.get('x-request-id'))
    expect(service.logLines.join('')).toContain('secret path')
  })
})

async function sendRaw(port: number, text: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer in 10 s')))
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
