import { beforeAll, describe, it } from 'vitest'
import { bundleRealmScript, createTaskRunner, type RealmRun } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'
import { TradeProposalBuilder } from '../../../src/proposals/trade-proposal-builder.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const SERIES = makeWalk({ symbol: 'AAA', rows: 20 })

async function run(answer: string): Promise<RealmRun> {
  const source = `import { BaseStrategy, TradeProposalBuilder } from 'hotcell'
export default class S extends BaseStrategy {
  decide({ index }) { return index === 3 ? ${answer} : null }
}`
  return createTaskRunner(script).run(makeHeader(makeFileConfig(source, { path: 'main.js' })), SERIES)
}

describe('TradeProposalBuilder', () => {
  it('scales in with equal limit orders below the reference, the rest in the last', ({ expect }) => {
    const { meta, legs } = new TradeProposalBuilder('AAA', 1, 'BUY')
      .scaleIn(3, 0, 2, 200)
      .bracketExit({ tpPct: 4, slPct: 3 })
      .setEntryParams({ slPrice: 150 })
      .build()

    expect(meta).toEqual({ symbol: 'AAA', direction: 'BUY', size: 1, slPrice: 150, tpPct: 4 })
    expect(legs).toEqual([
      { quantity: 1 / 3, side: 'BUY' },
      { quantity: 1 / 3, side: 'BUY', price: 196, type: 'limit' },
      { quantity: 1 - 1 / 3 - 1 / 3, side: 'BUY', price: 192, type: 'limit' },
    ])
    const [leg] = new TradeProposalBuilder('AAA', 1, 'SELL').scaleIn(1, 1, 0, 200).build().legs
    expect(leg).toEqual({ quantity: 1, side: 'SELL', price: 202, type: 'limit' })
  })

  it('makes one leg of its size where none was added', ({ expect }) => {
    const builder = new TradeProposalBuilder('AAA', 2, 'BUY')

    expect(builder.build().legs).toEqual([{ quantity: 2, side: 'BUY' }])
    expect(builder.setEntryParams({ entryPrice: 90 }).build()).toEqual({
      meta: { symbol: 'AAA', direction: 'BUY', size: 2, entryPrice: 90 },
      legs: [{ quantity: 2, side: 'BUY', price: 90 }],
    })
  })
})

describe('a proposal with legs that close', () => {
  it('enters whole first where no leg of it enters', ({ expect }) => {
    const builder = new TradeProposalBuilder('AAA', 2, 'BUY').leg({ quantity: 1, side: 'SELL', price: 120 })

    expect(builder.setEntryParams({ entryPrice: 90 }).build().legs).toEqual([
      { quantity: 2, side: 'BUY', price: 90 },
      { quantity: 1, side: 'SELL', price: 120 },
    ])
  })

  it('is a row for each: brackets and the sum of sizes are of those that enter', async ({ expect }) => {
    const { rows } = await run(`new TradeProposalBuilder('AAA', 2, 'BUY')
      .scaleIn(2, 0, 5, 100)
      .leg({ quantity: 1.5, side: 'SELL', price: 120, timeInForce: 'day', when: 9 })
      .bracketExit({ tpPct: 3, exitResolver: { fn: 'pick' } })
      .setEntryParams({ slPrice: 50 }).build()`)

    const exitResolver = '{"args":{},"fn":"pick"}'
    const entry = { signal: 'BUY', intent: 'open', size: 1, tpPct: 3, slPrice: 50, exitResolver }
    expect(rows.map(({ unit: _unit, bar: _bar, symbol: _symbol, sequence: _sequence, ...fields }) => fields)).toEqual([
      { ...entry, leg: 1 },
      { ...entry, leg: 2, entryType: 'limit', entryPrice: 95 },
      { signal: 'SELL', intent: 'close', size: 1.5, entryPrice: 120, timeInForce: 'day', leg: 3, liveBar: 9 },
    ])
  })
})

describe('a proposal of one leg', () => {
  it('is the decision that it says', async ({ expect }) => {
    const { rows } = await run(`[
      new TradeProposalBuilder('AAA', 2, 'BUY').scaleIn(1, 5, 0, 100).bracketExit({ tpPct: 3, slPct: 2 }).build(),
      new TradeProposalBuilder('AAA', 1, 'BUY').leg({ quantity: 1, side: 'BUY', price: 90, timeInForce: 'day', comment: 'dip' }).build(),
      { signal: 'SELL' }]`)

    expect(rows.map(({ unit: _unit, bar: _bar, symbol: _symbol, sequence, ...fields }) => [sequence, fields])).toEqual([
      [0, { signal: 'BUY', intent: 'open', entryType: 'limit', size: 2, entryPrice: 95, tpPct: 3, slPct: 2 }],
      [1, { signal: 'BUY', intent: 'open', size: 1, entryPrice: 90, timeInForce: 'day', meta: '{"comment":"dip"}' }],
      [2, { signal: 'SELL' }],
    ])
  })

  it.for([
    [
      `new TradeProposalBuilder('AAA', -2, 'BUY')`,
      'TradeProposalBuilder.constructor() was given -2 as size (a positive number)',
    ],
    [`new TradeProposalBuilder('AAA', 2, 'UP')`, 'was given "UP" as direction'],
    [`new TradeProposalBuilder('AAA', 2, 'BUY').scaleIn(101, 0, 0, 5)`, 'scaleIn() was given 101 as n (1 to 100)'],
    [`new TradeProposalBuilder('AAA', 2, 'BUY').scaleIn(3, 0, 50, 5)`, 'scaleIn() was given 50 as stepPct'],
    [
      `new TradeProposalBuilder('AAA', 2, 'BUY').leg({ quantity: 2, side: 'SELL', timeInForce: 'ioc' })`,
      'not supported yet: timeInForce ioc or fok of a leg against the direction of its proposal',
    ],
    [
      `({ meta: { size: 1, direction: 'BUY' }, legs: [{ side: 'BUY', quantity: 1 }, { side: 'SELL', quantity: 1, timeInForce: 'fok' }] })`,
      'not supported yet: timeInForce ioc or fok of a leg against the direction of its proposal',
    ],
    [
      `({ meta: { size: 1, direction: 'BUY' }, legs: [{ side: 'SELL', quantity: 1 }, { side: 'BUY', quantity: 1 }] })`,
      'legs[0].side is "SELL", expected an entry first',
    ],
    [
      `({ meta: { size: 2, direction: 'BUY' }, legs: [{ side: 'BUY', quantity: 1 }, { side: 'SELL', quantity: 1 }] })`,
      'legs have 1 together, expected the size of the proposal, 2',
    ],
    [
      `new TradeProposalBuilder('AAA', 2, 'BUY').leg({ quantity: 2, side: 'long' })`,
      `was given "long" as side ('BUY' or 'SELL')`,
    ],
    [
      `({ meta: { size: 1, direction: 'BUY' }, legs: [{ side: 'long', quantity: 1 }] })`,
      `legs[0].side is "long", expected 'BUY' or 'SELL'`,
    ],
    [
      `new TradeProposalBuilder('AAA', 2, 'BUY').leg({ quantity: 2, side: 'BUY', when: () => true })`,
      'TradeProposalBuilder.leg() was given a function as when (a positive number)',
    ],
    [
      `new TradeProposalBuilder('AAA', 2, 'BUY').leg({ quantity: 2, side: 'BUY', price: { fn: 'a-b' } }).build()`,
      'legs[0].price.fn is "a-b", expected a name',
    ],
    [
      `new TradeProposalBuilder('AAA', 2, 'BUY').leg({ quantity: 2, side: 'BUY', when: { fn: 'f', args: { a: [] } } }).build()`,
      'legs[0].when.args: meta field "a" is an array, expected a string, number, boolean or null',
    ],
    [
      `new TradeProposalBuilder('AAA', 2, 'BUY').bracketExit({ exitResolver: 'x' })`,
      'bracketExit() was given "x" as exitResolver ({ fn, args })',
    ],
    [`new TradeProposalBuilder('ZZZ', 2, 'BUY').build()`, 'symbol is "ZZZ"'],
    [`({ legs: 5 })`, 'legs is 5, expected a list'],
    [`({ legs: [] })`, 'legs is empty'],
    [`({ legs: [{}] })`, 'meta is undefined, expected an object'],
    [
      `({ meta: { size: 1, direction: 'BUY' }, legs: [{ side: 'BUY', quantity: 2 }] })`,
      'legs have 2 together, expected the size of the proposal, 1',
    ],
    [
      `new TradeProposalBuilder('AAA', 2, 'BUY').leg({ quantity: 1, side: 'BUY' }).leg({ quantity: 0.9, side: 'BUY' }).build()`,
      'legs have 1.9 together, expected the size of the proposal, 2',
    ],
    [
      `({ meta: { size: 1, direction: 'BUY' }, legs: [{ side: 'BUY', quantity: 1, when: 2.5 }] })`,
      'legs[0].when is 2.5, expected a whole number of a bar',
    ],
    [
      `({ meta: { size: 1, direction: 'BUY' }, legs: [{ side: 'BUY', quantity: 1, when: -1 }] })`,
      'legs[0].when is -1, expected a bar or a time in ms',
    ],
    [`({ signal: 'BUY', leg: 1 })`, 'unknown field "leg"'],
    [
      `({ meta: { size: 1, direction: 'BUY', more: 1 }, legs: [{}] })`,
      `not supported yet: "more" of a proposal's meta`,
    ],
    [`({ signal: 'BUY', legs: [] })`, 'unknown field "legs"'],
  ] as const)('refuses %s as bad_decision', async ([answer, message], { expect }) => {
    await expect(run(answer)).rejects.toMatchObject({
      outcome: { kind: 'strategy_error', reason: 'bad_decision', message: expect.stringContaining(message) as string },
    })
  })

  it('of several legs is a row for each of them', async ({ expect }) => {
    const { rows } = await run(`[
      new TradeProposalBuilder('AAA', 3, 'BUY').scaleIn(3, 0, 5, 100).bracketExit({ tpPct: 3, crossingPolicy: 'best' }).build(),
      new TradeProposalBuilder('AAA', 2, 'BUY').leg({ quantity: 1, side: 'BUY', when: 7 })
        .leg({ quantity: 1, side: 'BUY', when: 1577840000000, expiresAfterBars: 4 }).build(),
      { signal: 'SELL' }]`)

    const shared = { signal: 'BUY', intent: 'open', tpPct: 3, crossingPolicy: 'best' }
    const two = { signal: 'BUY', intent: 'open', size: 1 }
    expect(rows.map(({ unit: _unit, bar: _bar, symbol: _symbol, sequence, ...fields }) => [sequence, fields])).toEqual([
      [0, { ...shared, size: 1, leg: 1 }],
      [1, { ...shared, size: 1, leg: 2, entryType: 'limit', entryPrice: 95 }],
      [2, { ...shared, size: 1, leg: 3, entryType: 'limit', entryPrice: 90 }],
      [3, { ...two, leg: 1, liveBar: 7 }],
      [4, { ...two, leg: 2, liveTime: 1_577_840_000_000, timeInForce: 'gtd', expiresAfterBars: 4 }],
      [5, { signal: 'SELL' }],
    ])
  })

  it('counts its legs as decisions of the call', async ({ expect }) => {
    await expect(
      run(`Array(11).fill(new TradeProposalBuilder('AAA', 100, 'BUY').scaleIn(100, 1, 0.5, 100).build())`),
    ).rejects.toMatchObject({
      outcome: { kind: 'strategy_error', reason: 'too_many_orders' },
    })
  })

  it('has at most 100 legs', async ({ expect }) => {
    await expect(run(`({ meta: {}, legs: Array(101).fill({}) })`)).rejects.toMatchObject({
      outcome: { kind: 'strategy_error', reason: 'too_many_orders' },
    })
  })
})
