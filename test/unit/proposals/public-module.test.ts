import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, it } from 'vitest'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'

const SCRIPT = `import { buildEvents, TradeProposalBuilder } from 'hotcell'
const column = (...values) => Float64Array.from(values)
const candles = {
  symbol: 'AAA', interval: '1h', rows: 3, time: column(0, 3_600_000, 7_200_000), open: column(10, 10, 12),
  high: column(10, 12, 12), low: column(10, 10, 12), close: column(10, 12, 12), volume: column(1, 1, 1),
}
const proposal = new TradeProposalBuilder('AAA', 1, 'BUY').bracketExit({ tpPct: 10 }).build()
console.log(JSON.stringify(buildEvents(proposal, candles).map(({ event, price }) => [event, price])))
`

describe('the package hotcell', () => {
  it('is what a script in the project imports', async ({ expect }) => {
    const args = ['--input-type=module', '--eval', SCRIPT]

    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PROJECT_ROOT, timeout: 30_000 })

    expect(JSON.parse(stdout)).toEqual([
      ['open', 10],
      ['close', 11],
    ])
  })
})
