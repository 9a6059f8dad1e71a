import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, it } from 'vitest'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { INDICATOR_KINDS, INDICATOR_OUTPUTS, indicatorDefinition } from '../../../src/indicators/catalogue.ts'
import { BUILTIN_STRATEGIES, builtinParamTable } from '../../../src/strategies/builtin-catalogue.ts'
import type { ParamTable } from '../../../src/strategies/param-table.ts'
import { bundleRealmScript, createTaskRunner } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

const read = (...path: string[]): string => readFileSync(join(PROJECT_ROOT, ...path), 'utf8')
const text = read('docs', 'strategies.md')

/** The row of a table whose first cell names `name`. */
function rowOf(name: string): string {
  return text.split('\n').find((line) => line.startsWith('| `') && line.split('|')[1]!.includes(`\`${name}\``)) ?? ''
}

const defaultsOf = (table: ParamTable): string[] =>
  [...table].map(([name, spec]) => (spec.enum === undefined ? `${name} ${String(spec.default)}` : name))

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

describe('docs/strategies.md', () => {
  it('shows the example with indicators as it is, and it trades', async ({ expect }) => {
    const source = read('examples', 'rsi-bands.ts')
    const series = makeWalk({ symbol: 'AAA', rows: 3000 })
    const header = makeHeader(makeFileConfig(source))

    const { plan, rows } = await createTaskRunner(script).run(header, series)

    expect(text).toContain(`\`\`\`ts\n${source}\`\`\``)
    expect(plan.inspection.indicators?.map(({ id, kind, warmUp }) => [id, kind, warmUp])).toEqual([
      ['bands', 'bollinger', 19],
      ['rsi', 'rsi', 14],
    ])
    expect(new Set(rows.map(({ signal }) => signal))).toEqual(new Set(['BUY', 'SELL']))
  })

  it.for(INDICATOR_KINDS)('names the defaults and outputs of %s', (kind, { expect }) => {
    const row = rowOf(kind)
    const { params, takesSource } = indicatorDefinition(kind)

    for (const one of defaultsOf(params)) expect(row).toContain(one)
    for (const output of INDICATOR_OUTPUTS[kind]) {
      if (output !== 'value') expect(row).toContain(`\`${output}\``)
    }
    expect(row.includes(`\`${kind}\`*`)).toBe(takesSource)
  })

  it.for(BUILTIN_STRATEGIES)('names the parameters of %s with their defaults', (name, { expect }) => {
    const row = rowOf(name)

    expect(row).not.toBe('')
    for (const one of defaultsOf(builtinParamTable(name))) expect(row).toContain(one)
  })
})
