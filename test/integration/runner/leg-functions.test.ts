import { describe, expect, it } from 'vitest'
import { decodeAnswerLog } from '../../../src/backtest/answer-log.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { useJudgedRuns } from '../../support/judged-runs.ts'
import { makeFileConfig } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Functions in legs: asked in the realm of phase 2, replayed by the host from their answers alone. */
const { claimOf, judge } = useJudgedRuns(makeWalk({ symbol: 'AAA', rows: 2000 }))

const sourceOf = (body: string, price = `{ fn: 'under', args: { percent: 1 } }`): string => `
import { BaseStrategy, TradeProposalBuilder } from 'hotcell'
export default class S extends BaseStrategy {
  static under(args, view, lot) { ${body} }
  static rising({ level }, { bar }) { return bar.close > level }
  decide({ symbol, index, candles }) {
    if (index % 50 !== 1) return null
    return new TradeProposalBuilder(symbol, 2, 'BUY')
      .leg({ quantity: 1, side: 'BUY', price: ${price} })
      .leg({ quantity: 1, side: 'BUY', when: { fn: 'rising', args: { level: candles.close[index] * 1.01 } } })
      .bracketExit({ tpPct: 4, slPct: 4 }).build()
  }
}`
const UNDER = `
    if (!Object.isFrozen(args) || !Object.isFrozen(view.bar)) throw new Error('not frozen')
    return lot === null ? view.bar.close * (1 - args.percent / 100) : lot.entry * 0.98`
const CONFIG = makeFileConfig(sourceOf(UNDER), { path: 'main.js' })

describe('functions in legs', () => {
  it('say prices and times in the cell, and the host comes to the same without them', async () => {
    const claim = await claimOf(CONFIG)
    const verdict = judge(CONFIG, claim)

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    const [port] = decodeAnswerLog(claim.answers!).ports
    expect(port).toMatchObject({ port: 'leg' })
    // A `when` that is false and a price that stays are not in the log.
    expect(port!.call.length).toBeLessThan(port!.calls)
    const records = decodeRecords(Buffer.from(claim.records!, 'base64'))
    expect(records.filter(({ reason }) => reason === 'repriced').length).toBeGreaterThan(50)
    expect(records.filter(({ reason }) => reason === 'entry').length).toBeGreaterThan(20)
    expect(verdict).toMatchObject({ type: 'verified', run: { askedPorts: ['leg'] } })
  })

  it('cannot be given another answer afterwards', async () => {
    const claim = await claimOf(CONFIG)
    const [port] = claim.answers!.ports
    const numbers = new Float64Array(Uint8Array.from(Buffer.from(port!.number, 'base64')).buffer)
    const at = numbers.findIndex((value) => !Number.isNaN(value))
    const forge = (value: number): RunnerResult => {
      const number = Buffer.from(numbers.with(at, value).buffer).toString('base64')
      return { ...claim, answers: { ...claim.answers!, ports: [{ ...port!, number }] } }
    }

    expect(judge(CONFIG, forge(numbers[at]! * 0.999)).type).toBe('tampered')
    expect(judge(CONFIG, forge(-1)).type).toBe('tampered')
    expect(judge(CONFIG, forge(numbers[at]!)).type).toBe('verified')
  })

  it.for([
    ['a price of 0', sourceOf('return 0'), 'policy_out_of_bounds', 'answered with 0, expected a positive number'],
    ['a text', sourceOf('return "1"'), 'bad_answer', 'expected a number'],
    ['an error', sourceOf('throw new Error("no price")'), 'threw', 'no price'],
    ['nothing, as it is not there', sourceOf(UNDER, `{ fn: 'over' }`), 'bad_answer', 'has no static method "over"'],
  ])('ends the run if it answers %s', async ([, source, reason, message]) => {
    const { outcome } = await claimOf(makeFileConfig(source!, { path: 'main.js' }))

    expect(outcome).toMatchObject({ kind: 'strategy_error', reason })
    expect(outcome.message).toContain(message)
  })

  it('pick the line of an ambiguous bar', async () => {
    const source = (bracket: string): string => `
import { BaseStrategy, TradeProposalBuilder } from 'hotcell'
export default class S extends BaseStrategy {
  static best(args, bar, worth) { return worth['O-H-L-C'] > worth['O-L-H-C'] ? 'O-H-L-C' : 'O-L-H-C' }
  decide({ symbol, index }) {
    return index % 3 ? null : new TradeProposalBuilder(symbol, 1, 'BUY').bracketExit({ tpPct: 0.5, slPct: 0.5, ${bracket} }).build()
  }
}`
    const own = makeFileConfig(source(`exitResolver: { fn: 'best' }`), { path: 'main.js' })
    const [claim, best] = [
      await claimOf(own),
      await claimOf(makeFileConfig(source(`crossingPolicy: 'best'`), { path: 'main.js' })),
    ]

    const prices = ({ records }: RunnerResult) =>
      decodeRecords(Buffer.from(records!, 'base64')).map(({ price }) => price)
    expect(claim.answers!.ports[0]!.calls).toBeGreaterThan(10)
    expect(prices(claim)).toEqual(prices(best))
    expect(judge(own, claim)).toMatchObject({ type: 'verified', run: { askedPorts: ['exitResolver'] } })
  })
})
