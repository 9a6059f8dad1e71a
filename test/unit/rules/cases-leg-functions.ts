import type { ReferenceUsers } from '../../support/reference-engine-users.ts'
import { fillsOf, flat, runOf, tau, type RuleCase } from './rule-case.ts'

const below = (percent: number): string => JSON.stringify({ args: { percent }, fn: 'below' })
const above = (level: number): string => JSON.stringify({ args: { level }, fn: 'above' })

/** `below`: so many percent under the close; `above`: whether the close is over a level. */
const leg: NonNullable<ReferenceUsers['leg']> = (fn, args, { bar }) =>
  fn === 'above' ? bar.close > args['level']! : bar.close * (1 - args['percent']! / 100)

/** P2: functions in legs. */
export const LEG_FUNCTION_CASES: RuleCase[] = [
  {
    rule: 'P2',
    title: 'the price of a leg follows its function: an answer that differs acts from the next bar',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(20), [20, 20, 17, 18], flat(18)],
        decisions: [{ bar: 0, signal: 'BUY', size: 1, priceFn: below(10) }],
      })

      // At the close 10: 9. At the close 20: 18, so the order at 9 is taken back and one at 18 is placed; 17 fills it.
      const { records } = play({ ...input, users: { leg } })
      expect(records).toMatchObject([
        { kind: 'admit', order: 1, gross: 9, time: tau(1) },
        { kind: 'cancel', reason: 'repriced', order: 1, decision: 1, step: 2, time: tau(2) },
        { kind: 'admit', order: 2, gross: 18, decision: 1, time: tau(2) },
        { kind: 'fill', reason: 'entry', order: 2, price: 18, time: tau(2) },
      ])
    },
  },
  {
    rule: 'P2',
    title: 'an answer that is the same as the last one leaves the order alone',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [10, 12, 10, 10], flat(10), flat(10)],
        decisions: [{ bar: 0, signal: 'BUY', size: 1, priceFn: below(10) }],
      })

      expect(play({ ...input, users: { leg } }).records).toMatchObject([{ kind: 'admit', order: 1, gross: 9 }])
    },
  },
  {
    rule: 'F5',
    title: 'a leg that is taken back, and whose time is up before the next bar, is refused',
    negative: true,
    run({ expect, play }) {
      const gtd = { timeInForce: 'gtd', expiresAfterBars: 2, priceFn: below(10) } as const
      const input = runOf({
        bars: [flat(10), flat(20), null, null, flat(15), flat(15)],
        decisions: [{ bar: 0, signal: 'BUY', size: 1, ...gtd }],
      })

      // Placed at tau(1), so over at tau(3); the bar after that begins at tau(4).
      expect(play({ ...input, users: { leg } }).records).toMatchObject([
        { kind: 'admit', order: 1, gross: 9, time: tau(1) },
        { kind: 'cancel', reason: 'repriced', order: 1, time: tau(2) },
        { kind: 'refuse', reason: 'expired', decision: 1, step: 5, time: tau(4) },
      ])
    },
  },
  {
    rule: 'F5',
    title: 'and so is an exit leg, when it would be placed',
    negative: true,
    run({ expect, play }) {
      const gtd = { timeInForce: 'gtd', expiresAfterBars: 2, priceFn: below(-20) } as const
      const input = runOf({
        bars: [flat(10), flat(10), flat(8), null, null, flat(9), flat(9)],
        decisions: [
          { bar: 0, signal: 'BUY', size: 1, leg: 1 },
          { bar: 0, signal: 'SELL', size: 1, leg: 2, liveBar: 2, ...gtd },
        ],
      })

      // Placed at tau(2), so over at tau(4). At tau(3) it is taken back; row 2 or later is live again at tau(5).
      expect(play({ ...input, users: { leg } }).records.slice(2)).toMatchObject([
        { kind: 'close', order: 2, gross: 12, time: tau(2) },
        { kind: 'cancel', reason: 'repriced', order: 2, time: tau(3) },
        { kind: 'refuse', reason: 'expired', decision: 2, step: 2, time: tau(5) },
      ])
    },
  },
  {
    rule: 'P7',
    title: 'a leg whose `when` is a function is placed from the bar after it first says so',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(12), flat(11), flat(13), flat(9)],
        decisions: [
          { bar: 0, signal: 'BUY', size: 1, leg: 1, whenFn: above(12) },
          { bar: 0, signal: 'BUY', size: 1, leg: 2 },
        ],
      })

      // 12 is not above 12; 13 is, at the close of slot 3: bought at the open of slot 4, into the lot of the other leg.
      expect(fillsOf(play({ ...input, users: { leg } }).records)).toMatchObject([
        { decision: 2, price: 12, lot: 1, time: tau(1) },
        { decision: 1, price: 9, lot: 1, time: tau(4) },
      ])
    },
  },
  {
    rule: 'F7',
    title: 'an exit resolver picks the line of an ambiguous bar, whatever the policy, and the fill says so',
    negative: false,
    run({ expect, play }) {
      const exitResolver = JSON.stringify({ args: {}, fn: 'up' })
      const input = runOf({
        bars: [flat(10), flat(10), [10, 13, 7, 11], flat(10)],
        decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12, slPrice: 8, exitResolver }],
      })
      const told: object[] = []
      const users: ReferenceUsers = {
        exitResolver: (_fn, _args, bar, worth) => {
          told.push({ bar, worth })
          return 'O-H-L-C'
        },
      }

      // By worst it would stop at 8. One lot bought for 10: the lines are worth +12 and +8.
      expect(fillsOf(play({ ...input, users }).records)[1]).toMatchObject({
        reason: 'take_profit',
        price: 12,
        needed: 7,
      })
      expect(told).toEqual([
        {
          bar: { symbol: 'AAA', time: tau(2), open: 10, high: 13, low: 7, close: 11, volume: 100 },
          worth: { 'O-H-L-C': 12, 'O-L-H-C': 8 },
        },
      ])
    },
  },
  {
    rule: 'F7',
    title: 'an exit resolver is not asked where the lines end alike, nor where the lots name different ones',
    negative: true,
    run({ expect, play }) {
      const of = (fn: string): string => JSON.stringify({ args: {}, fn })
      const users: ReferenceUsers = {
        exitResolver: () => {
          throw new Error('asked')
        },
      }
      const ask = { bar: 0, signal: 'BUY' as const, tpPrice: 12, slPrice: 8 }
      const alike = runOf({
        bars: [flat(10), flat(10), [10, 13, 9, 11], flat(10)],
        decisions: [{ ...ask, exitResolver: of('up') }],
      })
      const other = runOf({
        bars: [flat(10), flat(10), [10, 13, 7, 11], flat(10)],
        execution: { onSame: 'add' },
        decisions: [
          { ...ask, exitResolver: of('up') },
          { ...ask, exitResolver: of('down') },
        ],
      })

      expect(fillsOf(play({ ...alike, users }).records)[1]).toMatchObject({ reason: 'take_profit', needed: 0 })
      expect(fillsOf(play({ ...other, users }).records)[2]).toMatchObject({ reason: 'stop_loss', needed: 0 })
    },
  },
]
