import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import type { Result } from '../../../src/protocol/result.ts'
import { createCliSandbox, hourlyCsv } from '../../support/cli.ts'

const FILTER = `import { BaseStrategy } from 'hotcell'
export default class Filter extends BaseStrategy {
  filterSymbols(symbols) { return symbols.filter((one) => one !== 'AAA') }
  decide({ index }) { return index === 5 ? { signal: 'BUY' } : null }
}
`

describe('hotcell run', () => {
  it('verifies a run whose strategy leaves out symbols', async ({ expect }) => {
    await using cli = await createCliSandbox()
    await writeFile(join(cli.cwd, 'AAA-1h.csv'), hourlyCsv(40))
    await writeFile(join(cli.cwd, 'BBB-1h.csv'), hourlyCsv(30))
    await writeFile(join(cli.cwd, 'filter.ts'), FILTER)
    await cli.run(['candles', 'import', 'AAA-1h.csv', 'BBB-1h.csv'])

    const ran = await cli.run(['run', 'filter.ts', '--symbols', 'AAA,BBB', '--interval', '1h', '--json'])

    const result = JSON.parse(ran.stdout) as Result
    expect(result.outcome).toMatchObject({ kind: 'ok' })
    expect(result.config.symbols).toEqual(['AAA', 'BBB'])
    expect(result.benchmark?.symbols).toEqual(['BBB'])
    expect(result.window?.bars).toBe(30 * 24)
    expect(result.lots).toMatchObject([{ symbol: 'BBB' }])
  })
})
