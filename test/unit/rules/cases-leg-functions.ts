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
]
