import { fillsOf, flat, refusalsOf, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

/** Decisions of one proposal that buys, decided at the close of slot 0. */
function legs(...list: Partial<Parameters<typeof runOf>[0]['decisions'][number]>[]) {
  return list.map((leg, i) => ({ bar: 0, signal: 'BUY' as const, size: 1, leg: i + 1, ...leg }))
}

const DIP: Row = [10, 10, 8.5, 9.5]

/** P6, P7: proposals of several legs. */
export const LEG_CASES: RuleCase[] = [
  {
    rule: 'P6',
    title:
      'the legs of a proposal fill one lot: average entry, bracket from the first fill, sized to all that has filled',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), DIP, [10, 13, 10, 12], flat(12)],
        decisions: legs({ tpPct: 20 }, { entryPrice: 9, tpPct: 20 }),
      })

      // 1 at 10 and 1 at 9: average 9.5. TP = 10 * 1.2 = 12 for both: 2 * (12 - 9.5) = 5.
      expect(fillsOf(play(input).records)).toMatchObject([
        { reason: 'entry', order: 1, lot: 1, decision: 1, price: 10, quantity: 1, time: tau(1) },
        { reason: 'entry', order: 2, lot: 1, decision: 2, price: 9, quantity: 1, time: tau(2), step: 7 },
        { reason: 'take_profit', lot: 1, price: 12, quantity: 2, realised: 5, time: tau(3) },
      ])
    },
  },
  {
    rule: 'P6',
    title: 'a lot that ends is not entered any further: working legs are cancelled, waiting ones refused',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 13, 10, 12], DIP, DIP],
        decisions: legs({ tpPct: 20 }, { entryPrice: 9, tpPct: 20 }, { tpPct: 20, liveBar: 4 }),
      })

      const { records } = play(input)
      expect(records.slice(3)).toMatchObject([
        { kind: 'cancel', reason: 'closed_lot', order: 2, decision: 1, step: 7, time: tau(2) },
        { kind: 'refuse', reason: 'closed_lot', decision: 3, quantity: 1, step: 7, time: tau(2) },
        { kind: 'fill', reason: 'take_profit', price: 12, quantity: 1 },
      ])
      expect(records).toHaveLength(6)
    },
  },
  {
    rule: 'P6',
    title: 'a decision that closes a part of the lot leaves its legs, and the next fill counts in the average',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(12), [12, 12, 7, 9], flat(9)],
        decisions: [...legs({ size: 2 }, { entryPrice: 8 }), { bar: 1, signal: 'SELL', size: 1 }],
      })

      // 2 at 10, 1 sold at 12; 1 more at 8: (1 * 10 + 1 * 8) / 2 = 9, so nothing is gained at 9.
      const { records, equity } = play(input)
      expect(fillsOf(records)).toMatchObject([
        { reason: 'entry', price: 10, quantity: 2 },
        { reason: 'exit', price: 12, quantity: 1, realised: 2, lot: 1 },
        { reason: 'entry', price: 8, quantity: 1, lot: 1, order: 2 },
      ])
      expect(equity.at(-1)).toBe(1000 + 2)
    },
  },
  {
    rule: 'F6',
    title: 'two legs met on one line go into one lot, whose bracket counts from the first of them',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [10, 10, 7, 8], flat(8)],
        decisions: legs({ entryPrice: 9, slPct: 20 }, { entryPrice: 8, slPct: 20 }),
      })

      // Down: 9, then 8, then the SL 9 * 0.8 = 7.2 of both: 2 * (7.2 - 8.5) = -2.6.
      const fills = fillsOf(play(input).records)
      expect(fills).toMatchObject([
        { reason: 'entry', order: 1, lot: 1, price: 9 },
        { reason: 'entry', order: 2, lot: 1, price: 8 },
        { reason: 'stop_loss', lot: 1, price: 9 * 0.8, quantity: 2 },
      ])
      expect(fills[2]!.realised).toBeCloseTo(-2.6, 12)
    },
  },
  {
    rule: 'P7',
    title: 'a leg is placed from its bar or its time on, not before',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(11), flat(12), flat(13)],
        decisions: legs({}, { liveBar: 3 }, { liveTime: tau(2) }),
      })

      expect(fillsOf(play(input).records)).toMatchObject([
        { decision: 1, price: 10, time: tau(1) },
        { decision: 3, price: 11, time: tau(2) },
        { decision: 2, price: 12, time: tau(3) },
      ])
    },
  },
  {
    rule: 'P7',
    title: 'the last leg takes what rounding to the step has left of the others',
    negative: false,
    run({ expect, play }) {
      const third = { size: 10 / 3 }
      const input = runOf({
        bars: [flat(10), flat(10)],
        instrument: { step: '1' },
        decisions: legs(third, third, third),
      })

      // 3.33 is 3 steps; 10 - 3 - 3 = 4.
      expect(fillsOf(play(input).records).map(({ quantity }) => quantity)).toEqual([3, 3, 4])
    },
  },
  {
    rule: 'P3a',
    title: 'the legs of a proposal take one place together',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [
          [flat(10), flat(10), flat(10)],
          [flat(10), flat(10), flat(10)],
        ],
        maxPositions: 2,
        decisions: [...legs({}, { entryPrice: 9 }, {}), { bar: 0, symbol: 1, signal: 'BUY' }],
      })

      const { records } = play(input)
      expect(refusalsOf(records)).toEqual([])
      expect(records.filter(({ kind }) => kind === 'admit')).toHaveLength(4)
      const fewer = play({
        ...input,
        config: { ...input.config, capacity: { builtin: 'maxPositions', params: { max: 1 } } },
      })
      expect(refusalsOf(fewer.records)).toMatchObject([{ reason: 'capacity', symbol: 1, needed: 2, available: 1 }])
    },
  },
  {
    rule: 'P5',
    title: 'each leg is refused for itself: one with an inverted bracket does not keep the others from opening',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10)],
        decisions: legs({ tpPrice: 11 }, { entryPrice: 11, entryType: 'stop', tpPrice: 11 }, { tpPrice: 11 }),
      })

      const { records } = play(input)
      expect(refusalsOf(records)).toMatchObject([{ reason: 'bracket_inverted', decision: 2, step: 2 }])
      expect(fillsOf(records)).toMatchObject([
        { decision: 1, lot: 1 },
        { decision: 3, lot: 1 },
      ])
    },
  },
]
