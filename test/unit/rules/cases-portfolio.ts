import { fillsOf, flat, refusalsOf, runOf, tau, type RuleCase } from './rule-case.ts'

const ORDER = { action: 'order', unit: 0, entryType: 'market' } as const

/** P5, P6 and T2 for what onBar does: orders add, sales close, cancels act at once. */
export const PORTFOLIO_CASES: RuleCase[] = [
  {
    rule: 'P6',
    title: 'orders of onBar add lots, and a sale closes them in order of opening and leaves working entries',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(12), flat(12)],
        decisions: [
          { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 0 },
          { ...ORDER, bar: 0, signal: 'BUY', size: 3, sequence: 1 },
          { ...ORDER, bar: 0, signal: 'BUY', size: 1, sequence: 2, entryType: 'limit', entryPrice: 5 },
          { ...ORDER, bar: 1, signal: 'SELL', size: 4, sequence: 0 },
        ],
      })

      const { records } = play(input)

      // 1000 - 2 * 10 - 3 * 10 = 950; then 2 of the first lot and 2 of the second at 12: 950 + 48 = 998.
      expect(fillsOf(records)).toMatchObject([
        { lot: 1, decision: 1, quantity: 2, cash: 980 },
        { lot: 2, decision: 2, quantity: 3, cash: 950 },
        { lot: 1, decision: 4, quantity: 2, realised: 4, cash: 974 },
        { lot: 2, decision: 4, quantity: 2, realised: 4, cash: 998 },
      ])
      expect(records.filter(({ kind }) => kind === 'cancel')).toEqual([])
    },
  },
  {
    rule: 'P5',
    title: 'a sale of more than is held would be a short, and one without a position closes nothing',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(4).fill(flat(10)),
        decisions: [
          { ...ORDER, bar: 0, signal: 'SELL', size: 1, sequence: 0 },
          { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 1 },
          { ...ORDER, bar: 1, signal: 'SELL', size: 2.5, sequence: 0 },
        ],
      })

      const refused = refusalsOf(play(input).records).map(({ reason, decision }) => [reason, decision])
      expect(refused).toEqual([
        ['nothing_to_close', 1],
        ['short_not_allowed', 3],
      ])
    },
  },
  {
    rule: 'T2',
    title: 'a cancel acts at its own instant: the order is gone before the next bar could fill it',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 10, 5, 6], flat(6)],
        decisions: [
          { ...ORDER, bar: 0, signal: 'BUY', size: 1, sequence: 0, entryType: 'limit', entryPrice: 8 },
          { ...ORDER, bar: 0, signal: 'BUY', size: 1, sequence: 1, entryType: 'limit', entryPrice: 7 },
          { action: 'cancel', unit: 0, bar: 1, signal: 'BUY', target: 1, sequence: 0 },
          { action: 'cancel', unit: 0, bar: 2, signal: 'BUY', target: 2, sequence: 0 },
        ],
      })

      const { records } = play(input)

      expect(records.find(({ kind }) => kind === 'cancel')).toMatchObject({
        reason: 'cancelled',
        order: 1,
        decision: 3,
        step: 2,
      })
      expect(fillsOf(records)).toMatchObject([{ decision: 2, price: 7, step: 7 }])
      expect(refusalsOf(records)).toMatchObject([{ reason: 'order_gone', decision: 4 }])
    },
  },
  {
    rule: 'P6',
    title: 'close of a symbol takes its working entries along, close of a lot only that lot',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(6).fill(flat(10)),
        decisions: [
          { ...ORDER, bar: 0, signal: 'BUY', size: 1, sequence: 0 },
          { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 1 },
          { ...ORDER, bar: 0, signal: 'BUY', size: 1, sequence: 2, entryType: 'limit', entryPrice: 5 },
          { action: 'close', unit: 0, bar: 1, signal: 'SELL', target: 2, sequence: 0 },
          { action: 'close', unit: 0, bar: 2, signal: 'SELL', sequence: 0 },
        ],
      })

      const { records } = play(input)

      expect(fillsOf(records).slice(2)).toMatchObject([
        { lot: 2, quantity: 2, decision: 4 },
        { lot: 1, quantity: 1, decision: 5 },
      ])
      expect(records.filter(({ kind }) => kind === 'cancel')).toMatchObject([
        { reason: 'closed_lot', order: 3, decision: 5 },
      ])
    },
  },
  {
    rule: 'P6',
    title: 'a sale on a perpetual closes what is held and opens a short with the rest, a reduce-only one does not',
    negative: false,
    run({ expect, play }) {
      const sale = { ...ORDER, bar: 1, signal: 'SELL', size: 5, sequence: 0 } as const
      const inputOf = (reduceOnly: object) =>
        runOf({
          bars: [flat(10), flat(10), flat(12), flat(12)],
          perpetual: {},
          decisions: [
            { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 0 },
            { ...sale, ...reduceOnly },
          ],
        })

      // 2 * (12 - 10) = 4 realised; then short 3 at 12: margin 36 of 1004.
      expect(fillsOf(play(inputOf({})).records).slice(1)).toMatchObject([
        { side: 'sell', reason: 'exit', quantity: 2, realised: 4, decision: 2, step: 4, cash: 1004 },
        { side: 'sell', reason: 'entry', quantity: 3, price: 12, decision: 2, step: 6, cash: 968 },
      ])
      expect(fillsOf(play(inputOf({ reduceOnly: 'yes' })).records).slice(1)).toMatchObject([
        { side: 'sell', reason: 'exit', quantity: 2, realised: 4, decision: 2, cash: 1004 },
      ])
    },
  },
  {
    rule: 'P6',
    title:
      'an order that opens the other side ends working entries of the first, and what is queued to close is not closed twice',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(5).fill(flat(10)),
        perpetual: {},
        decisions: [
          { ...ORDER, bar: 0, signal: 'BUY', size: 1, sequence: 0, entryType: 'limit', entryPrice: 5 },
          { ...ORDER, bar: 1, signal: 'SELL', size: 2, sequence: 0 },
          { ...ORDER, bar: 2, signal: 'BUY', size: 2, sequence: 0 },
          { ...ORDER, bar: 2, signal: 'BUY', size: 1, sequence: 1, reduceOnly: 'yes' },
          { ...ORDER, bar: 2, signal: 'BUY', size: 1, sequence: 2 },
        ],
      })

      const { records } = play(input)

      expect(records.filter(({ kind }) => kind === 'cancel')).toMatchObject([
        { reason: 'reversed', order: 1, decision: 2 },
      ])
      expect(refusalsOf(records)).toMatchObject([{ reason: 'nothing_to_close', decision: 4 }])
      expect(fillsOf(records)).toMatchObject([
        { side: 'sell', reason: 'entry', quantity: 2, decision: 2 },
        { side: 'buy', reason: 'exit', quantity: 2, decision: 3 },
        { side: 'buy', reason: 'entry', quantity: 1, decision: 5 },
      ])
    },
  },
  {
    rule: 'P6',
    title: 'a resting sale closes lots in order of opening at its level, and the other one ends with the position',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 12, 10, 11], [11, 11, 8, 9], flat(9)],
        bps: 100,
        decisions: [
          { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 0 },
          { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 1 },
          { ...ORDER, bar: 1, signal: 'SELL', size: 3, sequence: 0, entryType: 'limit', entryPrice: 11.5 },
          { ...ORDER, bar: 1, signal: 'SELL', size: 4, sequence: 1, entryType: 'stop', entryPrice: 9 },
          { ...ORDER, bar: 1, signal: 'SELL', size: 1, sequence: 2, entryType: 'limit', entryPrice: 20 },
        ],
      })

      const { records } = play(input)

      // Bought at 10.1. Up: 3 at the limit 11.5: 2 * 1.4 and 1 * 1.4. Down: what is left at 9 less 1 %: 1 * (8.91 - 10.1).
      const exits = fillsOf(records).slice(2)
      expect(exits).toMatchObject([
        { lot: 1, quantity: 2, price: 11.5, rule: 'F2', liquidity: 'maker', decision: 3, step: 7 },
        { lot: 2, quantity: 1, price: 11.5, decision: 3 },
        { lot: 2, quantity: 1, gross: 9, price: 8.91, rule: 'F3', liquidity: 'taker', decision: 4, step: 7 },
      ])
      expect(exits.map(({ realised }) => Number(realised.toFixed(9)))).toEqual([2.8, 1.4, -1.19])
      expect(records.filter(({ kind }) => kind === 'cancel')).toMatchObject([
        { reason: 'position_gone', order: 5, decision: 4, quantity: 1 },
      ])
    },
  },
  {
    rule: 'P6',
    title:
      'a resting sale of more than is held is refused, unless it is reduce-only; at an open beyond it takes the open',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(12), flat(12)],
        decisions: [
          { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 0 },
          { ...ORDER, bar: 1, signal: 'SELL', size: 3, sequence: 0, entryType: 'limit', entryPrice: 11 },
          {
            ...ORDER,
            bar: 1,
            signal: 'SELL',
            size: 3,
            sequence: 1,
            entryType: 'limit',
            entryPrice: 11,
            reduceOnly: 'yes',
          },
          {
            ...ORDER,
            bar: 1,
            signal: 'SELL',
            size: 1,
            sequence: 2,
            entryType: 'stop_limit',
            entryPrice: 9,
            limitPrice: 9,
          },
        ],
      })

      const { records } = play(input)

      expect(refusalsOf(records).map(({ reason, decision }) => [reason, decision])).toEqual([
        ['short_not_allowed', 2],
        ['opposite_position', 4],
      ])
      expect(fillsOf(records).slice(1)).toMatchObject([
        { quantity: 2, price: 12, rule: 'F2', liquidity: 'taker', decision: 3, step: 4 },
      ])
    },
  },
  {
    rule: 'F5',
    title:
      'a resting reduce-only stop trails the extreme since it was placed, from the bar after on, and never loosens',
    negative: false,
    run({ expect, play }) {
      const trailing = { entryType: 'stop', entryPrice: 9, reduceOnly: 'yes', trailDistance: 2 } as const
      const input = runOf({
        bars: [flat(10), flat(10), [10, 12, 9.5, 12], [12, 15, 10.5, 14], [14, 14, 12, 12], flat(12)],
        decisions: [
          { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 0 },
          { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 1 },
          { ...ORDER, ...trailing, bar: 1, signal: 'SELL', size: 3, sequence: 0 },
        ],
      })

      // At 9; 12 - 2 = 10 after slot 2, 15 - 2 = 13 after slot 3, which is met in slot 4: 2 * 3 and 1 * 3.
      expect(fillsOf(play(input).records).slice(2)).toMatchObject([
        { reason: 'exit', lot: 1, quantity: 2, gross: 13, rule: 'F3', realised: 6, decision: 3, step: 7, time: tau(4) },
        { reason: 'exit', lot: 2, quantity: 1, gross: 13, realised: 3, decision: 3 },
      ])
    },
  },
  {
    rule: 'F5',
    title: 'a stop against the position without reduceOnly does not trail',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 12, 9.5, 12], [12, 15, 10.5, 14], [14, 14, 12, 12], flat(12)],
        decisions: [
          { ...ORDER, bar: 0, signal: 'BUY', size: 2, sequence: 0 },
          {
            ...ORDER,
            bar: 1,
            signal: 'SELL',
            size: 2,
            sequence: 0,
            entryType: 'stop',
            entryPrice: 9,
            trailDistance: 2,
          },
        ],
      })

      expect(fillsOf(play(input).records)).toHaveLength(1)
    },
  },
]
