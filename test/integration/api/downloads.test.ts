import { tableFromIPC } from 'apache-arrow'
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createHash } from 'node:crypto'
import { RUN_PART_NAMES, RUN_PARTS } from '../../../orchestrator-service/api/tables/run-parts.ts'
import { csvChunks, jsonChunks } from '../../../orchestrator-service/api/tables/table.ts'
import { type ApiDocument, answerProblems } from '../../support/api-document.ts'
import { sampleBacktest, startTestService, type TestService } from '../../support/api-service.ts'

const CHROMIUM = '/usr/bin/chromium'
const missing = !existsSync(CHROMIUM)
if (missing)
  console.log(`Left out: the served report in a browser, because ${CHROMIUM} is missing (apt-get install chromium)`)

type Row = Record<string, string | number | null>

/** RFC 4180 back to rows; `words` are the columns that hold text. */
function parseCsv(text: string, words: ReadonlySet<string>): Row[] {
  const lines: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    lines.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!)
    if (end === '\r\n') lines.push([])
  }
  const [header, ...rows] = lines.slice(0, -1)
  const value = (name: string, cell: string) => (words.has(name) ? cell : cell === '' ? null : Number(cell))
  return rows.map((cells) => Object.fromEntries(header!.map((name, i) => [name, value(name, cells[i]!)])))
}

function parseArrow(bytes: Uint8Array): Row[] {
  const table = tableFromIPC(bytes)
  const names = table.schema.fields.map(({ name }) => name)
  const columns = names.map((name) => [...table.getChild(name)!] as (string | number)[])
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(names.map((name, i) => [name, Number.isNaN(columns[i]![row]) ? null : columns[i]![row]!])),
  )
}

describe('downloads', () => {
  let service: TestService
  let document: ApiDocument
  let id: string

  beforeAll(async () => {
    service = await startTestService()
    document = (await service.json('GET', '/openapi.json')) as unknown as ApiDocument
    const body = sampleBacktest({ fee: 0.001, slippage: 2 })
    id = (await service.json('POST', '/v1/backtests?wait=60', { body }))['id'] as string
  })
  afterAll(async () => await service[Symbol.asyncDispose]())

  const table = async (path: string, words: ReadonlySet<string>) => {
    const separator = path.includes('?') ? '&' : '?'
    const get = async (format: string) => await service.request('GET', `${path}${separator}format=${format}`)
    const [json, csv, arrow] = await Promise.all([get('json'), get('csv'), get('arrow')])
    return {
      types: [json, csv, arrow].map((answer) => answer.headers.get('content-type')),
      json: (await json.json()) as Row[],
      csv: parseCsv(await csv.text(), words),
      arrow: parseArrow(new Uint8Array(await arrow.arrayBuffer())),
    }
  }

  for (const part of RUN_PART_NAMES) {
    it(`gives the same ${part} as JSON, CSV and Arrow`, async ({ expect }) => {
      const { columns } = RUN_PARTS[part]
      const words = new Set(Object.entries(columns).flatMap(([name, { kind }]) => (kind === 'word' ? [name] : [])))
      const path = `/v1/backtests/${id}/${part}`

      const answer = await service.request('GET', path)
      const { types, json, csv, arrow } = await table(path, words)

      expect(await answerProblems(document, `GET /v1/backtests/{id}/${part}`, answer)).toEqual([])
      expect(types).toEqual(['application/json', 'text/csv', 'application/vnd.apache.arrow.file'])
      expect(csv).toEqual(json)
      expect(arrow).toEqual(json)
      if (json.length > 0) expect(Object.keys(json[0]!)).toEqual(Object.keys(columns))
      if (part !== 'funding' && part !== 'ambiguity') expect(json.length).toBeGreaterThan(0)
    })
  }

  it('names the columns of an empty table, too', async ({ expect }) => {
    const csv = await (await service.request('GET', `/v1/backtests/${id}/funding?format=csv`)).text()
    const arrow = await (await service.request('GET', `/v1/backtests/${id}/funding?format=arrow`)).arrayBuffer()

    expect(csv).toBe('time,published,lot,quantity,mark,rate,payment,insured,symbol,direction,flags\r\n')
    expect(tableFromIPC(new Uint8Array(arrow)).schema.fields.map(({ name }) => name)).toEqual(
      Object.keys(RUN_PARTS.funding.columns),
    )
  })

  it('gives the same candles as JSON, CSV and Arrow, cut as asked', async ({ expect }) => {
    const path = '/v1/candles/SYN-BTC/1h?from=2024-02-01T00:00:00Z&to=2024-02-03T00:00:00Z'

    const answer = await service.request('GET', path)
    const { json, csv, arrow } = await table(path, new Set())

    expect(await answerProblems(document, 'GET /v1/candles/{symbol}/{interval}', answer)).toEqual([])
    expect(json.length).toBe(48)
    expect(json[0]!['time']).toBe(Date.UTC(2024, 1, 1))
    expect(csv).toEqual(json)
    expect(arrow).toEqual(json)
  })

  it('lists candles and instruments as the document says', async ({ expect }) => {
    for (const route of ['GET /v1/candles', 'GET /v1/instruments', 'GET /v1/backtests', 'GET /v1/admin/keys']) {
      expect(await answerProblems(document, route, await service.request('GET', route.slice(4)))).toEqual([])
    }
  })

  it('lists mark prices and funding rows apart from candles', async ({ expect }) => {
    const { app } = service
    const candles = (await app.archive.load('spot', 'SYN-BTC', '1h'))!
    await app.marks.write('perpetual', { ...candles, symbol: 'MARKED' })
    await app.funding.write({
      symbol: 'MARKED',
      rows: 2,
      time: Float64Array.of(1_704_067_200_000, 1_704_096_000_000),
      rate: Float64Array.of(0.0001, -0.0002),
      mark: Float64Array.of(100, 101),
    })

    const answer = await service.request('GET', '/v1/candles')

    expect(await answerProblems(document, 'GET /v1/candles', answer)).toEqual([])
    expect(await (await service.request('GET', '/v1/candles')).json()).toMatchObject({
      series: expect.not.arrayContaining([expect.objectContaining({ symbol: 'MARKED' })]) as unknown,
      marks: [{ market: 'perpetual', symbol: 'MARKED', interval: '1h', rows: candles.rows, problem: null }],
      funding: [{ symbol: 'MARKED', rows: 2, first: 1_704_067_200_000, last: 1_704_096_000_000, problem: null }],
    })
  })

  it('writes numbers that are read back as the same doubles, and no formula', ({ expect }) => {
    const numbers = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -1e21, 123456789012345680, -0, 1e-7]
    const words = ['=1+1', '+x', '-x', '@x', '\tx', 'a,b', 'a"b', 'a\r\nb']
    const rows = { rows: 7, columns: { number: Float64Array.from(numbers), word: words.slice(0, 7) } }

    const csv = parseCsv([...csvChunks(rows)].join(''), new Set(['word']))
    const json = JSON.parse([...jsonChunks(rows)].join('')) as Row[]

    expect(csv.map((row) => row['number'])).toEqual(numbers.map((value) => value + 0))
    expect(json.map((row) => row['number'])).toEqual(numbers.map((value) => value + 0))
    for (const row of csv.slice(0, 5)) expect(row['word']).toMatch(/^'/)
    expect(csv.slice(5).map((row) => row['word'])).toEqual(['a,b', 'a"b'])
  })

  it('serves a report whose only script that runs is ours', async ({ expect }) => {
    const answer = await service.request('GET', `/v1/backtests/${id}/report.html`)
    const policy = answer.headers.get('content-security-policy')!
    const html = await answer.text()

    const script = html.slice(html.lastIndexOf('<script>') + 8, html.lastIndexOf('</script>'))
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`)
    expect(policy).toContain('sandbox allow-scripts')
    expect(policy).not.toContain("script-src 'unsafe-inline'")
  })

  it.skipIf(missing)(
    'paints the served report in chromium, and runs nothing that was slipped into it',
    async ({ expect }) => {
      await using browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
      const context = await browser.newContext({ extraHTTPHeaders: { authorization: `Bearer ${service.token}` } })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))

      await page.goto(`${service.url}/v1/backtests/${id}/report.html`)
      const painted = await page.waitForFunction('globalThis.__hotcellPainted', undefined, { timeout: 20_000 })

      expect(await painted.jsonValue()).toBeGreaterThan(0)
      expect(complaints).toEqual([])
      await page.evaluate(`(() => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.__slipped = true'
      document.body.append(script)
    })()`)
      expect(await page.evaluate('globalThis.__slipped')).toBeUndefined()
      expect(complaints.join()).toContain('Content Security Policy')
    },
  )
})
