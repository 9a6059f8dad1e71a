import { fillsOf, flat, refusalsOf, runOf, tau, type Row, type RuleCase } from './rule-case.ts'
import type { ReferenceConfig } from '../../support/reference-engine-types.ts'

type Execution = Partial<ReferenceConfig['execution']>

/** 100 cash; limits for 10 at 9 and for 10 at 8, decided on bars 0 and `second`; the path of slot 2 passes both. */
function ladder(execution: Execution, second = 0) {
  const bars: Row[] = [flat(10), flat(10), [10, 10, 7, 9], flat(9)]
  return runOf({
    bars,
    cash: 100,
    execution: { onSame: 'add', onShortfall: 'refuse', ...execution },
    decisions: [
      { bar: 0, signal: 'BUY', size: 10, entryPrice: 9 },
      { bar: second, signal: 'BUY', size: 10, entryPrice: 8 },
    ],
  })
}

/** `execution.cashCheck`: when an entry must be paid (P3 d, f). */
export const CASH_CHECK_CASES: RuleCase[] = [
  {
    rule: 'P3d',
    title: 'cashCheck admit: the reserve of one order leaves nothing for the next',
    negative: true,
    run({ expect, play }) {
      const { records } = play(ladder({ cashCheck: 'admit' }))

      // 10 x 8 = 80 of 100 - 90
      expect(refusalsOf(records)).toMatchObject([
        { reason: 'insufficient_cash', step: 5, needed: 80, available: 10, time: tau(1) },
      ])
      expect(fillsOf(records)).toMatchObject([{ price: 9, quantity: 10, cash: 10 }])
    },
  },
  {
    rule: 'P3d',
    title: 'cashCheck fill: both work without a reserve, and what cannot be paid where it is met is refused there',
    negative: false,
    run({ expect, play }) {
      const { records } = play(ladder({ cashCheck: 'fill' }))

      expect(records.filter(({ kind }) => kind === 'admit')).toMatchObject([{ needed: 0 }, { needed: 0 }])
      expect(fillsOf(records)).toMatchObject([{ price: 9, quantity: 10, cash: 10, step: 7 }])
      expect(refusalsOf(records)).toMatchObject([
        { reason: 'insufficient_cash', step: 7, needed: 80, available: 10, time: tau(2), order: 2 },
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'cashCheck fill with shrink: the second takes what is left',
    negative: false,
    run({ expect, play }) {
      const fills = fillsOf(play(ladder({ cashCheck: 'fill', onShortfall: 'shrink' })).records)

      // 10 / 8 = 1.25
      expect(fills).toMatchObject([
        { price: 9, quantity: 10 },
        { price: 8, quantity: 1.25, cash: 0 },
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'cashCheck submission_and_fill: orders admitted at one instant share the cash, later ones are checked anew',
    negative: false,
    run({ expect, play }) {
      const together = play(ladder({ cashCheck: 'submission_and_fill' }))
      const apart = play(ladder({ cashCheck: 'submission_and_fill' }, 1))

      expect(refusalsOf(together.records)).toMatchObject([{ step: 5, needed: 80, available: 10 }])
      expect(refusalsOf(apart.records)).toMatchObject([{ step: 7, needed: 80, available: 10, order: 2 }])
    },
  },
  {
    rule: 'P3d',
    title: 'cashCheck fill: what an exit on a path brings does not pay for an entry on a path of that instant',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [
          [flat(10), flat(10), [10, 13, 10, 12], flat(12)],
          [flat(10), flat(10), [10, 10, 8, 9], [10, 10, 8, 9]],
        ],
        cash: 100,
        execution: { cashCheck: 'fill', onShortfall: 'refuse' },
        decisions: [
          { bar: 0, signal: 'BUY', size: 10, tpPrice: 12 },
          { bar: 0, symbol: 1, signal: 'BUY', size: 5, entryPrice: 9 },
          { bar: 2, symbol: 1, signal: 'BUY', size: 5, entryPrice: 8.5 },
        ],
      })
      const { records } = play(input)

      // 10 sold at 12 on the path of slot 2; 45 for the other symbol are there from slot 3 on only
      expect(fillsOf(records)).toMatchObject([
        { symbol: 0, price: 10 },
        { symbol: 0, price: 12, time: tau(2), cash: 120 },
        { symbol: 1, price: 8.5, time: tau(3) },
      ])
      expect(refusalsOf(records)).toMatchObject([{ symbol: 1, step: 7, needed: 45, available: 0, time: tau(2) }])
    },
  },
  {
    rule: 'F9',
    title: 'cashCheck fill: the rest of an order that can no longer be paid is cancelled where it is met',
    negative: true,
    run({ expect, play }) {
      const dip: Row = [10, 10, 8, 10]
      const input = runOf({
        symbols: [
          [flat(10), flat(10), dip, dip],
          [flat(10, 1000), flat(10, 1000), flat(10, 1000), flat(10, 1000)],
        ],
        cash: 95,
        execution: { cashCheck: 'fill', onShortfall: 'refuse', participation: 0.04 },
        decisions: [
          { bar: 0, signal: 'BUY', size: 10, entryPrice: 9 },
          { bar: 2, symbol: 1, signal: 'BUY', size: 5 },
        ],
      })
      const { records } = play(input)

      // 4 x 9 of 95, then 5 x 10 of 59: 9 are left for 6 x 9
      expect(fillsOf(records)).toMatchObject([
        { symbol: 0, quantity: 4, price: 9, cash: 59 },
        { symbol: 1, quantity: 5, price: 10, cash: 9 },
      ])
      expect(records.filter(({ kind }) => kind === 'cancel')).toMatchObject([
        { symbol: 0, reason: 'insufficient_cash', quantity: 6, step: 7, time: tau(3) },
      ])
    },
  },
  {
    rule: 'C1',
    title: 'what a line that is not booked would have paid is no fee of the next fill',
    negative: true,
    run({ expect, play }) {
      const limit = { bar: 0, signal: 'BUY', entryPrice: 9.6 } as const
      const input = runOf({
        bars: [flat(10), flat(10), [9, 11, 9, 10, 610], flat(10, 1e6)],
        decisions: [
          { ...limit, size: 0.0295 },
          { ...limit, size: 5 },
          { bar: 2, signal: 'SELL' },
        ],
        fee: { maker: 0.001, taker: 0.001 },
        execution: { onSame: 'add', cashCheck: 'fill', participation: 0.0005 },
        policies: { fill: 'path_color' },
      })

      // A room of 0.305 less 0.0295 and what is then left of it is 6e-17 as doubles go, and only O-H-L-C comes down to 9.6.
      const exits = fillsOf(play(input).records).filter(({ reason }) => reason === 'exit')
      expect(exits).toHaveLength(2)
      for (const { fee, quantity } of exits) expect(fee).toBeCloseTo(quantity * 10 * 0.001, 12)
    },
  },
]
