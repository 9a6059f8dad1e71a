import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { readFile } from 'node:fs/promises'
import { type ApiDocument, answerProblems } from '../../support/api-document.ts'
import { sampleBacktest, sourceBacktest, startTestService, type TestService } from '../../support/api-service.ts'

/** Keeps its cell busy for about so long. */
function slowSource(ms: number): string {
  return `import { BaseStrategy } from 'hotcell'
export default class Slow extends BaseStrategy {
  decide({ index, log }) {
    let x = 0
    for (let i = 0; i < ${ms * 20}; i += 1) x += Math.sqrt(i + index)
    if (index % 500 === 0) log('info', 'bar ' + index, { x })
    return null
  }
}`
}

describe('submitting', () => {
  let service: TestService
  let document: ApiDocument

  beforeAll(async () => {
    service = await startTestService({ HOTCELL_CONCURRENCY: '1', HOTCELL_MAX_QUEUED: '3' })
    document = (await service.json('GET', '/openapi.json')) as unknown as ApiDocument
  })
  afterAll(async () => await service[Symbol.asyncDispose]())

  const stateOf = async (id: unknown) => (await service.json('GET', `/v1/backtests/${String(id)}`))['state']
  const cancel = async (id: unknown) => await service.request('POST', `/v1/backtests/${String(id)}/cancel`)

  it('with ?wait answers 200 with the job and the result as it is stored', async ({ expect }) => {
    const answer = await service.request('POST', '/v1/backtests?wait=60', { body: sampleBacktest() })

    expect(await answerProblems(document, 'POST /v1/backtests', answer.clone())).toEqual([])
    const job = (await answer.json()) as Record<string, unknown> & { id: string }
    const stored: unknown = JSON.parse(await readFile(service.app.runs.pathOf(job.id, 'result.json'), 'utf8'))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('location')).toBe(`/v1/backtests/${job.id}`)
    expect(job['state']).toBe('completed')
    expect(job['result']).toEqual(stored)
    expect(await service.json('GET', `/v1/backtests/${job.id}/result`)).toEqual(stored)
  })

  it('with ?wait answers 202 when the job takes longer, at once without', async ({ expect }) => {
    const body = sourceBacktest(slowSource(2000))
    const start = performance.now()
    const waited = await service.request('POST', '/v1/backtests?wait=1', { body })
    const ms = performance.now() - start
    const job = (await waited.json()) as { id: string; state: string }

    const unfinished = await service.request('GET', `/v1/backtests/${job.id}/result`)
    const part = await service.request('GET', `/v1/backtests/${job.id}/trades`)
    const report = await service.request('GET', `/v1/backtests/${job.id}/report.html`)
    const deleted = await service.request('DELETE', `/v1/backtests/${job.id}`)

    expect(waited.status).toBe(202)
    expect(ms).toBeGreaterThan(900)
    expect(ms).toBeLessThan(15_000)
    for (const answer of [unfinished, part, report, deleted]) {
      expect(answer.status).toBe(409)
      expect(((await answer.json()) as { code: string }).code).toBe('not_finished')
    }
    expect((await cancel(job.id)).status).toBe(202)
    const ended = await service.request('GET', `/v1/backtests/${job.id}/events`)
    expect(await ended.text()).toContain('event: end')
    expect(await stateOf(job.id)).toBe('cancelled')
    expect((await cancel(job.id)).status).toBe(200)
  })

  it('answers a job that failed with its outcome, and has no figures of it', async ({ expect }) => {
    const body = sourceBacktest(
      `import { BaseStrategy } from 'hotcell'\nexport default class Bad extends BaseStrategy {\n  decide() { throw new Error('no luck') }\n}`,
    )
    const job = await service.json('POST', '/v1/backtests?wait=60', { body })

    const result = await service.json('GET', `/v1/backtests/${String(job['id'])}/result`)
    const fills = await service.request('GET', `/v1/backtests/${String(job['id'])}/fills`)
    const report = await service.request('GET', `/v1/backtests/${String(job['id'])}/report.html`)

    expect(job['state']).toBe('failed')
    expect(result['outcome']).toMatchObject({
      kind: 'strategy_error',
      reason: 'threw',
      location: { file: 'main.ts', line: 3 },
    })
    for (const answer of [fills, report]) {
      expect(answer.status).toBe(404)
      expect(((await answer.json()) as { code: string }).code).toBe('no_figures')
    }
  })

  it('makes the result of a failed job from its row when the file says something else', async ({ expect }) => {
    const body = sampleBacktest({ symbols: ['NONE'] })
    const job = await service.json('POST', '/v1/backtests?wait=60', { body })
    const id = String(job['id'])
    const stored = await service.app.stores.jobs.get(id)
    const other = { ...stored!.outcome!, kind: 'cancelled' as const, reason: null }
    const row = vi.spyOn(service.app.stores.jobs, 'get').mockResolvedValue({ ...stored!, outcome: other })

    const answer = await service.request('GET', `/v1/backtests/${id}/result`)

    row.mockRestore()
    expect(await answerProblems(document, 'GET /v1/backtests/{id}/result', answer.clone())).toEqual([])
    expect(await answer.json()).toMatchObject({
      id,
      outcome: { kind: 'cancelled' },
      config: { symbols: ['NONE'] },
      fills: null,
    })
  })

  it('gives one job to two submissions with one idempotency key in flight at once', async ({ expect }) => {
    const headers = { 'idempotency-key': 'nightly-1' }
    const send = async (body: unknown) => await service.request('POST', '/v1/backtests', { body, headers })

    const answers = await Promise.all([send(sampleBacktest()), send(sampleBacktest())])
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { id: string }).id))
    const other = await send(sampleBacktest({ seed: 'another' }))

    expect(answers.map(({ status }) => status)).toEqual([202, 202])
    expect(new Set(ids).size).toBe(1)
    expect([other.status, ((await other.json()) as { code: string }).code]).toEqual([409, 'idempotency_conflict'])
  })

  it('answers 429 with Retry-After when the queue is full, and a position to those who wait', async ({ expect }) => {
    const body = sourceBacktest(slowSource(2000))
    const jobs: Record<string, unknown>[] = []
    let refused: Response | null = null
    for (let i = 0; i < 8 && refused === null; i += 1) {
      const answer = await service.request('POST', '/v1/backtests', { body })
      if (answer.status === 429) refused = answer
      else jobs.push((await answer.json()) as Record<string, unknown>)
    }
    const last = await service.json('GET', `/v1/backtests/${String(jobs.at(-1)!['id'])}`)
    for (const { id } of jobs.reverse()) expect((await cancel(id)).status).toBe(202)

    expect(await answerProblems(document, 'POST /v1/backtests', refused!.clone())).toEqual([])
    expect(Number(refused!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(((await refused!.json()) as { code: string }).code).toBe('queue_full')
    expect(last).toMatchObject({ state: 'queued', position: expect.any(Number) })
  })

  it('deletes a finished job with its files, and runs a completed one again', async ({ expect }) => {
    const job = await service.json('POST', '/v1/backtests?wait=60', { body: sampleBacktest() })
    const again = await service.json('POST', `/v1/backtests/${String(job['id'])}/verify`)
    await (await service.request('GET', `/v1/backtests/${String(again['id'])}/events`)).text()
    const verified = await service.json('GET', `/v1/backtests/${String(again['id'])}`)

    const deleted = await service.request('DELETE', `/v1/backtests/${String(job['id'])}`)
    const gone = await service.request('GET', `/v1/backtests/${String(job['id'])}`)
    const file = readFile(service.app.runs.pathOf(String(job['id']), 'result.json'))

    expect(verified).toMatchObject({ state: 'completed', verifies: job['id'], fingerprint: job['fingerprint'] })
    expect([deleted.status, gone.status]).toEqual([204, 404])
    await expect(file).rejects.toThrow('ENOENT')
  })

  it('pages through the list without a gap, and filters by state, symbol, label and time', async ({ expect }) => {
    const labels = { team: 'x:y' }
    const job = await service.json('POST', '/v1/backtests?wait=60', { body: sampleBacktest({ options: { labels } }) })
    const ids = async (query: string) => {
      const page = (await service.json('GET', `/v1/backtests?${query}`)) as {
        jobs: { id: string }[]
        cursor: string | null
      }
      return { ids: page.jobs.map(({ id }) => id), cursor: page.cursor }
    }
    const whole = await ids('limit=200')
    const paged: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: Awaited<ReturnType<typeof ids>> = await ids(`limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      paged.push(...page.ids)
      cursor = page.cursor
    }

    expect(paged).toEqual(whole.ids)
    expect((await ids('label=team:x%3Ay')).ids).toEqual([job['id']])
    expect((await ids('label=team:x')).ids).toEqual([])
    expect((await ids('state=completed&state=cancelled&symbol=SYN-BTC')).ids).toContain(job['id'])
    expect((await ids('state=failed')).ids).not.toContain(job['id'])
    expect((await ids('to=2020-01-01T00:00:00Z')).ids).toEqual([])
    expect((await ids(`from=${String(job['createdAt'])}`)).ids).toContain(job['id'])
    expect((await ids(`to=${String(job['createdAt'])}`)).ids).not.toContain(job['id'])
  })

  it('describes a strategy without a run', async ({ expect }) => {
    const answer = await service.request('POST', '/v1/strategies/inspect', { body: sourceBacktest(slowSource(1)) })

    expect(await answerProblems(document, 'POST /v1/strategies/inspect', answer.clone())).toEqual([])
    expect(await answer.json()).toMatchObject({
      outcome: { kind: 'ok' },
      inspection: { kind: 'proposal', symbols: ['SYN-BTC'] },
    })
  })

  it('says when it is ready, and 503 when it is not', async ({ expect }) => {
    const ready = await service.request('GET', '/health/ready', { secret: null })
    const state = vi.spyOn(service.app, 'state', 'get').mockReturnValue('draining')
    const draining = await service.request('GET', '/health/ready', { secret: null })
    state.mockRestore()

    expect(ready.status).toBe(200)
    expect(await answerProblems(document, 'GET /health/ready', draining.clone())).toEqual([])
    expect([draining.status, ((await draining.json()) as { code: string }).code]).toEqual([503, 'service_unavailable'])
    expect((await service.request('GET', '/health/live', { secret: null })).status).toBe(200)
  })
})
