import type { ReferenceUsers } from '../../support/reference-engine-users.ts'
import { fillsOf, flat, refusalsOf, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

/** Decisions of one proposal, decided at the close of slot 0; `SELL` ones close what the others buy. */
function legs(...list: Partial<Parameters<typeof runOf>[0]['decisions'][number]>[]) {
  return list.map((leg, i) => ({ bar: 0, signal: 'BUY' as const, size: 1, leg: i + 1, ...leg }))
}

const RISE: Row = [10, 13, 10, 12]

/** Functions of legs: a price so many percent over the close, and whether that is over a level. */
const leg: NonNullable<ReferenceUsers['leg']> = (fn, args, { bar }) =>
  fn === 'over' ? bar.close * (1 + args['percent']! / 100) : bar.close > args['level']!

/** P2, P6, P7: legs against the direction of their proposal. */
export const SCALE_OUT_CASES: RuleCase[] = [
  {
    rule: 'P6',
    title: 'an exit leg closes its own lot only, from the bar after the one in which that was born',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), RISE, [12, 12, 10, 10], RISE, flat(12)],
        execution: { onSame: 'add' },
        decisions: [
          { bar: 0, signal: 'BUY' as const, size: 1 },
          ...legs({ size: 2 }, { signal: 'SELL', entryPrice: 12.5 }),
        ].map((row, sequence) => ({ ...row, sequence })),
      })

      // Bar 1 rises to 13, but the order works from bar 2 on; bar 3 meets it: 1 * (12.5 - 10) = 2.5, of lot 2, not 1.
      const { records } = play(input)
      expect(records.filter(({ kind }) => kind === 'close')).toMatchObject([
        { orderType: 'limit', order: 3, lot: 2, decision: 3, gross: 12.5, quantity: 1, time: tau(2), step: 2 },
      ])
      expect(fillsOf(records).slice(2)).toMatchObject([
        {
          reason: 'exit',
          order: 3,
          lot: 2,
          decision: 3,
          price: 12.5,
          quantity: 1,
          realised: 2.5,
          time: tau(3),
          step: 7,
        },
      ])
    },
  },
  {
    rule: 'P7',
    title: 'an exit leg is a limit, a stop or a market order by the same price rule, mirrored, live from its bar on',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 10, 7, 9], flat(9), RISE],
        decisions: legs(
          { size: 4 },
          { signal: 'SELL', entryPrice: 8 },
          { signal: 'SELL', liveBar: 3 },
          { signal: 'SELL', entryPrice: 12 },
        ),
      })

      expect(fillsOf(play(input).records).slice(1)).toMatchObject([
        { orderType: 'stop', decision: 2, price: 8, realised: -2, liquidity: 'taker', time: tau(2) },
        { orderType: 'market', decision: 3, price: 9, realised: -1, lot: 1, time: tau(3), step: 4 },
        { orderType: 'limit', decision: 4, price: 12, realised: 2, liquidity: 'maker', time: tau(4) },
      ])
    },
  },
  {
    rule: 'P6',
    title: 'an exit leg never closes more than its lot, and with the lot all other legs end',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), RISE, [12, 15, 4, 12]],
        decisions: legs(
          { size: 2 },
          { entryPrice: 5 },
          { signal: 'SELL', size: 5, entryPrice: 12 },
          { signal: 'SELL', entryPrice: 14 },
          { signal: 'SELL', liveBar: 9 },
        ),
      })

      const { records } = play(input)
      expect(records.slice(5)).toMatchObject([
        { kind: 'cancel', reason: 'closed_lot', order: 2, decision: 3, step: 7, time: tau(2) },
        { kind: 'cancel', reason: 'closed_lot', order: 4, decision: 3, step: 7, time: tau(2) },
        { kind: 'refuse', reason: 'closed_lot', decision: 5, step: 7, time: tau(2) },
        { kind: 'fill', reason: 'exit', order: 3, price: 12, quantity: 2, realised: 4 },
      ])
      expect(records).toHaveLength(9)
    },
  },
  {
    rule: 'P6',
    title: 'what another partial exit takes of the lot, an exit leg does not close',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(10), RISE],
        decisions: [...legs({ size: 2 }, { signal: 'SELL', entryPrice: 12 }), { bar: 1, signal: 'SELL', size: 1.5 }],
      })

      // 2 - 1.5 = 0.5 is left for the 1 that the leg asks for.
      expect(fillsOf(play(input).records).slice(1)).toMatchObject([
        { decision: 3, price: 10, quantity: 1.5, time: tau(2) },
        { decision: 2, price: 12, quantity: 0.5, realised: 1, time: tau(3) },
      ])
    },
  },
  {
    rule: 'P6',
    title: 'a stop loss ends exit legs with the lot',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 10, 7, 9], RISE],
        decisions: legs({ size: 2, slPct: 20 }, { signal: 'SELL', entryPrice: 12 }, { signal: 'SELL', liveBar: 9 }),
      })

      expect(play(input).records.slice(3)).toMatchObject([
        { kind: 'cancel', reason: 'closed_lot', order: 2, side: 'sell', decision: 1, time: tau(2) },
        { kind: 'refuse', reason: 'closed_lot', side: 'sell', decision: 3, quantity: 1, time: tau(2) },
        { kind: 'fill', reason: 'stop_loss', price: 8, quantity: 2, realised: -4 },
      ])
    },
  },
  {
    rule: 'P6',
    title: 'an exit leg that is live before its lot waits for it; legs that wait are no entries',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 10, 8.5, 9.5], flat(9.5), flat(9.5)],
        decisions: legs({ size: 2, entryPrice: 9 }, { signal: 'SELL' }),
      })

      // Bought at 9 in bar 2; the leg is placed at tau(3) and sells at the open 9.5: 1 * 0.5.
      expect(fillsOf(play(input).records)).toMatchObject([
        { reason: 'entry', price: 9, quantity: 2, time: tau(2) },
        { reason: 'exit', decision: 2, price: 9.5, quantity: 1, realised: 0.5, time: tau(3) },
      ])
    },
  },
  {
    rule: 'P5',
    title: 'an exit leg is refused once no entry of its proposal is left and there is no lot',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(10), flat(10), RISE],
        decisions: legs({ entryPrice: 5, timeInForce: 'gtd', expiresAfterBars: 2 }, { signal: 'SELL', entryPrice: 12 }),
      })

      const { records } = play(input)
      expect(records).toMatchObject([
        { kind: 'admit', order: 1 },
        { kind: 'cancel', reason: 'expired', order: 1, time: tau(3), step: 1 },
        { kind: 'refuse', reason: 'nothing_to_close', decision: 2, side: 'sell', time: tau(3), step: 2 },
      ])
    },
  },
  {
    rule: 'P2',
    title: 'the functions of an exit leg are asked while it waits and works: another price acts from the next bar',
    negative: false,
    run({ expect, play }) {
      const priceFn = JSON.stringify({ args: { percent: 20 }, fn: 'over' })
      const whenFn = JSON.stringify({ args: { level: 10.5 }, fn: 'above' })
      const input = runOf({
        bars: [flat(10), flat(10), flat(11), [11, 14, 11, 13], flat(12)],
        decisions: legs({ size: 4 }, { signal: 'SELL', priceFn }, { signal: 'SELL', whenFn }),
      })

      // 12 over the close 10, 13.2 over 11; 11 is above 10.5 at tau(3), so the third leg sells at the open of slot 3.
      const { records } = play({ ...input, users: { leg } })
      expect(records.slice(2)).toMatchObject([
        { kind: 'close', orderType: 'limit', order: 2, lot: 1, decision: 2, gross: 12, time: tau(2) },
        { kind: 'cancel', reason: 'repriced', order: 2, decision: 2, time: tau(3), step: 2 },
        { kind: 'close', orderType: 'limit', order: 3, lot: 1, decision: 2, time: tau(3) },
        { kind: 'close', orderType: 'market', order: 4, lot: 1, decision: 3, time: tau(3) },
        { kind: 'fill', reason: 'exit', order: 4, price: 11, time: tau(3), step: 4 },
        { kind: 'fill', reason: 'exit', order: 3, time: tau(3), step: 7 },
      ])
      expect(fillsOf(records).at(-1)!.price).toBeCloseTo(13.2, 12)
    },
  },
  {
    rule: 'F9',
    title: 'under a participation cap exit legs are refused, the entries are not',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), RISE],
        execution: { participation: 0.5 },
        decisions: legs({ size: 2 }, { signal: 'SELL', entryPrice: 12 }),
      })

      const { records } = play(input)
      expect(refusalsOf(records)).toMatchObject([
        { reason: 'opposite_position', decision: 2, side: 'sell', step: 2, time: tau(1) },
      ])
      expect(fillsOf(records)).toMatchObject([{ reason: 'entry', quantity: 2 }])
    },
  },
  {
    rule: 'P7',
    title: 'sum and rounding count entry legs only',
    negative: false,
    run({ expect, play }) {
      const third = { size: 10 / 3 }
      const input = runOf({
        bars: [flat(10), flat(10), RISE],
        instrument: { step: '1' },
        decisions: legs(third, { signal: 'SELL', ...third, entryPrice: 12 }, third, third),
      })

      // 10 - 3 - 3 = 4 in the last entry; the exit of 3.33 is 3 steps.
      expect(fillsOf(play(input).records).map(({ quantity }) => quantity)).toEqual([3, 3, 4, 3])
    },
  },
  {
    rule: 'F10',
    title: 'an exit leg that is too small is refused when it would be placed',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), RISE],
        instrument: { step: '1', minQuantity: '2' },
        decisions: legs({ size: 4 }, { signal: 'SELL', size: 1, entryPrice: 12 }, { signal: 'SELL', size: 1 }),
      })

      expect(refusalsOf(play(input).records)).toMatchObject([
        { reason: 'below_min_quantity', decision: 2, step: 2, time: tau(2) },
        { reason: 'below_min_quantity', decision: 3, step: 4, time: tau(2) },
      ])
    },
  },
  {
    rule: 'F10',
    title: 'where there is a step what a partial close or an exit leg leaves is no dust, however little it is',
    negative: true,
    run({ expect, play }) {
      const quantities = (bars: Row[], decisions: Parameters<typeof runOf>[0]['decisions']): number[] =>
        fillsOf(play(runOf({ bars, decisions, instrument: { step: '1' }, cash: 1e15 })).records).map(
          ({ quantity }) => quantity,
        )
      const exit = { signal: 'SELL', size: 3e13 - 9, entryPrice: 12 } as const
      const rest = (bar: number) => ({ bar, signal: 'SELL' as const })
      const part = { ...rest(1), size: 3e13 - 9 }

      // Of 3e13 steps 9 are left: 1e-12 of them would be 30.
      expect(quantities([flat(10), flat(10), RISE, flat(12)], [...legs({ size: 3e13 }, exit), rest(2)])).toEqual([
        3e13,
        3e13 - 9,
        9,
      ])
      expect(
        quantities([flat(10), flat(10), flat(10), flat(10)], [...legs({ size: 3e13 }, exit), part, rest(2)]),
      ).toEqual([3e13, 3e13 - 9, 9])
    },
  },
  {
    rule: 'P6',
    title: 'the exit legs of a short buy back a part of it',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 12, 7, 9], flat(9)],
        perpetual: {},
        decisions: legs(
          { signal: 'SELL', size: 4 },
          { signal: 'BUY', entryPrice: 8 },
          { signal: 'BUY', entryPrice: 11 },
          { signal: 'BUY', liveBar: 3 },
        ),
      })

      // Of 4 sold at 10: 1 back at 11 (-1), 1 at 8 (2), 1 at the open 9 (1).
      const fills = fillsOf(play(input).records).slice(1)
      expect(fills.map(({ orderType, price, realised }) => [orderType, price, realised])).toEqual(
        expect.arrayContaining([
          ['limit', 8, 2],
          ['stop', 11, -1],
          ['market', 9, 1],
        ]),
      )
      expect(fills).toHaveLength(3)
    },
  },
]
