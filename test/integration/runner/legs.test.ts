import { describe, expect, it } from 'vitest'
import { decodeDecisionLog, unpackDecisions } from '../../../src/backtest/decision-codec.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { useJudgedRuns } from '../../support/judged-runs.ts'
import { makeFileConfig } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Proposals of several legs, from the frames of a cell to the host's verdict. */
const { claimOf, judge } = useJudgedRuns(makeWalk({ symbol: 'AAA', rows: 2000 }))

const SOURCE = `import { BaseStrategy, TradeProposalBuilder } from 'hotcell'
export default class S extends BaseStrategy {
  decide({ symbol, index, candles }) {
    if (index % 40 !== 1) return null
    const close = candles.close[index]
    return new TradeProposalBuilder(symbol, 4, 'BUY')
      .leg({ quantity: 1, side: 'BUY' })
      .leg({ quantity: 1, side: 'BUY', price: close * 0.99, comment: 'on weakness' })
      .leg({ quantity: 1, side: 'BUY', price: close * 0.98, when: index + 5, expiresAfterBars: 30 })
      .leg({ quantity: 1, side: 'BUY', price: close * 1.01 })
      .bracketExit({ tpPct: 3, slPct: 4 }).build()
  }
}`
const CONFIG = makeFileConfig(SOURCE, { path: 'main.js' })

const SCALES_OUT = SOURCE.replace(
  '.bracketExit(',
  `.leg({ quantity: 1, side: 'SELL', price: close * 1.015 })
      .leg({ quantity: 1, side: 'SELL', when: index + 9 })
      .bracketExit(`,
)

describe('a proposal of several legs', () => {
  it('closes parts of its lot by legs of the other side, and the host comes to the same', async () => {
    const config = makeFileConfig(SCALES_OUT, { path: 'main.js' })
    const claim = await claimOf(config)
    const verdict = judge(config, claim)

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    const rows = unpackDecisions(decodeDecisionLog(claim.decisions!))
    expect(rows.slice(4, 6)).toMatchObject([
      { leg: 5, signal: 'SELL', intent: 'close' },
      { leg: 6, signal: 'SELL', intent: 'close', liveBar: 10 },
    ])
    const exits = decodeRecords(Buffer.from(claim.records!, 'base64')).filter(({ reason }) => reason === 'exit')
    expect(new Set(exits.map(({ orderType }) => orderType))).toEqual(new Set(['limit', 'market']))
    expect(verdict.type).toBe('verified')
  })

  it('is played as one lot in the cell, and the host comes to the same', async () => {
    const claim = await claimOf(CONFIG)
    const verdict = judge(CONFIG, claim)

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    const rows = unpackDecisions(decodeDecisionLog(claim.decisions!))
    expect(rows.slice(0, 4)).toMatchObject([
      { leg: 1 },
      { leg: 2, meta: '{"comment":"on weakness"}' },
      { leg: 3, liveBar: 6 },
      { leg: 4 },
    ])
    const fills = decodeRecords(Buffer.from(claim.records!, 'base64')).filter(({ kind }) => kind === 'fill')
    const perLot = Map.groupBy(
      fills.filter(({ reason }) => reason === 'entry'),
      ({ lot }) => lot,
    )
    expect(Math.max(...[...perLot.values()].map((entries) => entries.length))).toBe(4)
    expect(verdict.type).toBe('verified')
    if (verdict.type !== 'verified') return
    const { trades } = verdict.run.analysis.explanation
    expect(trades.length).toBeGreaterThan(10)
    expect(trades.some(({ quantity }) => quantity > 1)).toBe(true)
  })

  it('whose legs stand in another order is no log of a run', async () => {
    const claim = await claimOf(CONFIG)
    const fields = claim.decisions!.fields.map((field) => {
      if (field.name !== 'leg') return field
      const legs = new Float64Array(Uint8Array.from(Buffer.from(field.bytes, 'base64')).buffer)
      return { ...field, bytes: Buffer.from(legs.with(1, 3).buffer).toString('base64') }
    })
    const forged = { ...claim, decisions: { ...claim.decisions!, fields } }

    expect(judge(CONFIG, forged)).toMatchObject({
      type: 'failed',
      kind: 'protocol',
      message: expect.stringContaining('leg 1 alone, expected the legs of a proposal in their order') as string,
    })
  })

  it('one of which closes with a bracket of its own is no log of a run', async () => {
    const claim = await claimOf(CONFIG)
    const signals = Uint8Array.from(Buffer.from(claim.decisions!.signal, 'base64'))
    const signal = Buffer.from(signals.with(1, 1)).toString('base64')
    const forged = { ...claim, decisions: { ...claim.decisions!, signal } }

    expect(judge(CONFIG, forged)).toMatchObject({
      type: 'failed',
      kind: 'protocol',
      message: expect.stringContaining('tpPct of an exit leg, expected none') as string,
    })
  })
})
