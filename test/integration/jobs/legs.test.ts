import { describe, it } from 'vitest'
import { runBacktest } from '../../../orchestrator-service/jobs/run-backtest.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import { writeDetail } from '../../support/proof/proof-data.ts'
import { openTestApp } from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const CODE = `import { BaseStrategy, TradeProposalBuilder } from 'hotcell'
export default class Made extends BaseStrategy {
  static under({ percent }, { bar }, lot) { return (lot === null ? bar.close : lot.entry) * (1 - percent / 100) }
  decide({ symbol, index, candles }) {
    if (index % 12 !== 1) return null
    return new TradeProposalBuilder(symbol, 3, 'BUY')
      .leg({ quantity: 1, side: 'BUY' })
      .leg({ quantity: 1, side: 'BUY', price: candles.close[index] * 1.002, when: index + 2 })
      .leg({ quantity: 1, side: 'BUY', price: { fn: 'under', args: { percent: 0.3 } } })
      .bracketExit({ tpPct: 2, slPct: 2 }).build()
  }
}`

describe('a run of proposals with legs, a function and detail candles', () => {
  it('is computed in a container and again by the host', { timeout: 60_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using app = await openTestApp(dir.path)
    await writeDetail(app, 0)
    const parsed = parseConfig({
      strategy: { module: 'made.js' },
      files: { 'made.js': CODE },
      symbols: ['ONE0'],
      interval: '2h',
      detailInterval: '15m',
      fill: 'detail',
    })

    const end = await runBacktest(app.deps, { job: 'legs', mode: 'run', ...parsed })

    expect(end.outcome, end.outcome.message).toMatchObject({ kind: 'ok' })
    if (end.verdict?.type !== 'verified') throw new Error('not verified')
    const { askedPorts, analysis } = end.verdict.run
    expect(askedPorts).toEqual(['leg'])
    expect(analysis.tables.orders['reason']).toMatchObject({ words: expect.arrayContaining(['repriced']) as string[] })
    const entries = analysis.shown.fills.filter(({ reason }) => reason === 'entry')
    const perLot = Map.groupBy(entries, ({ lot }) => lot)
    expect(Math.max(...[...perLot.values()].map(({ length }) => length))).toBe(3)
  })
})
