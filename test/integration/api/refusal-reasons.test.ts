import { tableFromIPC } from 'apache-arrow'
import { readFile, writeFile } from 'node:fs/promises'
import { it } from 'vitest'
import { type Columns, decodeTable, encodeTable } from '../../../orchestrator-service/results/arrow-table.ts'
import { RUN_PARTS } from '../../../orchestrator-service/api/tables/run-parts.ts'
import { type ApiDocument, answerProblems } from '../../support/api-document.ts'
import { sourceBacktest, startTestService } from '../../support/api-service.ts'

const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide({ index }) { return index % 7 === 0 ? { signal: 'BUY' } : null }
}
export const admit = () => ({ admit: false, reason: '=1+1 <img src=x>\\u001b[2J' })`
const REASON = '=1+1 <img src=x>\u001b[2J'

it('shows the words of a policy of the user in every form, harmless where they could harm, and opens older tables', async ({
  expect,
}) => {
  await using service = await startTestService()
  const document = (await service.json('GET', '/openapi.json')) as unknown as ApiDocument
  const body = sourceBacktest(SOURCE, { capacity: { module: 'main.ts', function: 'admit' } })
  const id = (await service.json('POST', '/v1/backtests?wait=60', { body }))['id'] as string
  const path = `/v1/backtests/${id}/refusals`
  const rows = async () => (await (await service.request('GET', path)).json()) as Record<string, unknown>[]

  const shown = await rows()
  expect(shown.length).toBeGreaterThan(100)
  for (const row of shown) expect(row).toMatchObject({ reason: 'capacity', detail: REASON })
  const csv = (await (await service.request('GET', `${path}?format=csv`)).text()).trimEnd().split('\r\n')
  expect(csv).toHaveLength(1 + shown.length)
  for (const line of csv.slice(1)) expect(line).toMatch(/,'=1\+1 <img src=x>\\u\{1b\}\[2J$/)
  const arrow = new Uint8Array(await (await service.request('GET', `${path}?format=arrow`)).arrayBuffer())
  expect(new Set(tableFromIPC(arrow).getChild('detail'))).toEqual(new Set([REASON]))
  const result = await service.json('GET', `/v1/backtests/${id}/result`)
  expect(result).toMatchObject({
    summary: { refusalsByReason: [{ reason: 'capacity', details: [{ text: REASON, count: shown.length }] }] },
  })
  const report = await (await service.request('GET', `/v1/backtests/${id}/report.html`)).text()
  expect(report).toContain('“=1+1 &lt;img src=x&gt;\\u{1b}[2J”')
  expect(report).not.toContain('<img src=x>')

  const file = service.app.runs.pathOf(result['id'] as string, 'refusals.arrow')
  const table = decodeTable(await readFile(file))
  const older: Record<string, Columns[string]> = {}
  for (const [name, { kind }] of Object.entries(RUN_PARTS.refusals.columns)) {
    if (name !== 'detail') older[name] = kind === 'number' ? table.number(name) : table.word(name)
  }
  await writeFile(file, encodeTable(older))

  expect(await rows()).toEqual(shown.map((row) => ({ ...row, detail: '' })))
  expect(await answerProblems(document, 'GET /v1/backtests/{id}/refusals', await service.request('GET', path))).toEqual(
    [],
  )
})
