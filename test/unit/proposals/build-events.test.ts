import { describe, expect, it } from 'vitest'
import type { CandleSeries } from '../../../src/candles/series.ts'
import { buildEvents, realize, TradeProposalBuilder } from '../../../src/strategies/hotcell-module.ts'
import { makeWalk } from '../../support/sample-series.ts'

const HOUR = 3_600_000
const START = 1_704_067_200_000

function candles(...rows: [number, number, number, number][]): CandleSeries {
  const column = (read: (row: [number, number, number, number], i: number) => number) => Float64Array.from(rows, read)
  return {
    symbol: 'AAA',
    interval: '1h',
    rows: rows.length,
    time: column((_, i) => START + i * HOUR),
    open: column(([open]) => open),
    high: column((row) => row[1]),
    low: column((row) => row[2]),
    close: column((row) => row[3]),
    volume: column(() => 1),
  }
}

const builder = () => new TradeProposalBuilder('AAA', 2, 'BUY').scaleIn(2, 0, 10, 10)

describe('buildEvents()', () => {
  it('says what a proposal buys and sells over finished candles', () => {
    const { meta, legs } = builder().bracketExit({ tpPct: 20, slPct: 50 }).build()
    const series = candles([10, 10, 10, 10], [10, 10, 8.5, 9.5], [10, 13, 10, 12])

    // Bought at the open 10 and, 10 % below, at 9; sold at 10 * 1.2 = 12 in the bar that reaches 13.
    const entry = { quantity: 1, event: 'open', reason: 'entry', isEntry: true, isExit: false, meta }
    expect(buildEvents({ meta, legs }, series)).toEqual([
      { ts: START + HOUR, price: 10, ...entry },
      { ts: START + HOUR, price: 9, ...entry },
      {
        ts: START + 2 * HOUR,
        price: 12,
        quantity: 2,
        event: 'close',
        reason: 'take_profit',
        isEntry: false,
        isExit: true,
        meta,
      },
    ])
  })

  it('leaves open what does not end, and realize() closes it at the last close', () => {
    const proposal = builder().build()
    const series = candles([10, 10, 10, 10], [10, 11, 9.5, 11])

    expect(buildEvents(proposal, series)).toHaveLength(1)
    expect(realize(proposal, series).at(-1)).toMatchObject({ event: 'close', reason: 'end_of_data', price: 11 })
  })

  it('sells what a leg of the other side says, and leaves the rest to the bracket', () => {
    const proposal = builder().leg({ quantity: 0.5, side: 'SELL', price: 11 }).bracketExit({ tpPct: 20 }).build()
    const series = candles([10, 10, 10, 10], [10, 10, 8.5, 9.5], [10, 13, 10, 12])

    // 1 at 10 and 1 at 9; 0.5 of them at 11, what is left at 10 * 1.2 = 12.
    expect(buildEvents(proposal, series).slice(2)).toMatchObject([
      { price: 11, quantity: 0.5, event: 'close', reason: 'exit' },
      { price: 12, quantity: 1.5, event: 'close', reason: 'take_profit' },
    ])
  })

  it('sells short where the proposal does', () => {
    const short = new TradeProposalBuilder('AAA', 1, 'SELL').bracketExit({ tpPct: 10 }).build()

    expect(buildEvents(short, candles([10, 10, 10, 10], [10, 10, 10, 10], [10, 10, 8, 9]))).toMatchObject([
      { event: 'open', price: 10 },
      { event: 'close', price: 9, reason: 'take_profit' },
    ])
  })

  it('books an ambiguous bar by the policy that is asked for', () => {
    const proposal = new TradeProposalBuilder('AAA', 1, 'BUY').setEntryParams({ tpPrice: 12, slPrice: 8 }).build()
    const series = candles([10, 10, 10, 10], [10, 10, 10, 10], [10, 13, 7, 11])

    expect(buildEvents(proposal, series).at(-1)).toMatchObject({ price: 8 })
    expect(buildEvents(proposal, series, { fill: 'best' }).at(-1)).toMatchObject({ price: 12 })
  })

  it('uses nothing of the bars before the decision', () => {
    const series = makeWalk({ symbol: 'AAA', rows: 200 })
    const proposal = new TradeProposalBuilder('AAA', 1, 'BUY').bracketExit({ tpPct: 1, slPct: 1 }).build()
    const events = buildEvents(proposal, series, { at: 50 })

    expect(events[0]).toMatchObject({ ts: series.time[51], price: series.open[51] })
    expect(events).toHaveLength(2)
  })

  it('refuses what only a run can answer', () => {
    const asks = new TradeProposalBuilder('AAA', 1, 'BUY').leg({ quantity: 1, side: 'BUY', price: { fn: 'f' } }).build()
    const series = candles([10, 10, 10, 10])

    expect(() => buildEvents(asks, series)).toThrow('Cannot build events of the proposal: a leg has a function')
    expect(() => buildEvents(new TradeProposalBuilder('BBB', 1, 'BUY').build(), series)).toThrow('it is of BBB')
  })

  it('refuses a proposal whose first leg closes, as a run does', () => {
    const { meta, legs } = builder().leg({ quantity: 1, side: 'SELL', price: 11 }).build()

    expect(() => buildEvents({ meta, legs: legs.toReversed() }, candles([10, 10, 10, 10]))).toThrow(
      'its first leg does not enter, expected an entry first',
    )
  })
})
