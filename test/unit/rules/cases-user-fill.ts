import type { ReferenceUsers } from '../../support/reference-engine-users.ts'
import { fillsOf, flat, runOf, type Row, type RuleCase } from './rule-case.ts'

type Fill = NonNullable<ReferenceUsers['fill']>

const BUY = { signal: 'BUY' } as const
const WIDE: Row = [10, 12, 8, 11]

/** Section 6: fills priced by code of the user. */
export const USER_FILL_CASES: RuleCase[] = [
  {
    rule: 'F7',
    title:
      'the parts of a fill have the prices of the user, the rest of it that of the rules, and the average is booked',
    negative: false,
    run({ expect, play }) {
      const fill: Fill = () => [
        { quantity: 4, price: 11 },
        { quantity: 2, price: 12 },
      ]
      const input = runOf({ bars: [flat(10), WIDE, flat(11)], decisions: [{ bar: 0, ...BUY, size: 10 }] })

      // 4 at 11, 2 at 12 and 4 at the open of 10: 44 + 24 + 40 = 108.
      expect(fillsOf(play({ ...input, users: { fill } }).records)).toMatchObject([
        { rule: 'F1', quantity: 10, gross: 10, price: 10.8, cash: 892 },
      ])
    },
  },
  {
    rule: 'F7',
    title: 'no part changes nothing',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), WIDE, [10, 13, 7, 11], flat(11)],
        decisions: [{ bar: 0, ...BUY, size: 10, tpPrice: 12.5, slPrice: 7.5 }],
        bps: 5,
      })

      expect(play({ ...input, users: { fill: () => [] } }).records).toEqual(play(input).records)
    },
  },
  {
    rule: 'F7',
    title:
      'a fill of the user is asked on O-H-L-C first, then on O-L-H-C, from the same account, and what it says is booked',
    negative: false,
    run({ expect, play }) {
      const asked: unknown[] = []
      const views: unknown[] = []
      const fill: Fill = (order, bar, view) => {
        asked.push(order)
        views.push(view)
        return order.type === 'stop' ? [{ quantity: order.quantity, price: bar.low }] : []
      }
      const input = runOf({
        bars: [flat(10), flat(10), [10, 13, 7, 11], flat(11)],
        decisions: [{ bar: 0, ...BUY, size: 2, tpPrice: 12, slPrice: 8 }],
      })

      const fills = fillsOf(play({ ...input, users: { fill } }).records)
      const order = { symbol: 'AAA', quantity: 2 }
      const exit = { ...order, side: 'sell', kind: 'exit' }
      expect(asked).toEqual([
        { ...order, side: 'buy', kind: 'entry', type: 'market', gross: 10, price: 10, liquidity: 'taker' },
        { ...exit, type: 'limit', gross: 12, price: 12, limit: 12, liquidity: 'maker' },
        { ...exit, type: 'stop', gross: 8, price: 8, liquidity: 'taker' },
      ])
      expect(views[1]).toEqual(views[2])
      expect(views[1]).toMatchObject({ cash: 980, equity: 1000, lots: [{ id: 1, quantity: 2, entry: 10 }] })
      // Down first is worse: sold at the low of 7, not at the stop of 8.
      expect(fills[1]).toMatchObject({ reason: 'stop_loss', path: 'O-L-H-C', gross: 8, price: 7, cash: 994 })
    },
  },
  {
    rule: 'F2',
    title: 'a limit may fill better than its price',
    negative: false,
    run({ expect, play }) {
      const fill: Fill = ({ quantity }) => [{ quantity, price: 8.5 }]
      const input = runOf({
        bars: [flat(10), flat(10), [10, 11, 8, 10], flat(10)],
        decisions: [{ bar: 0, ...BUY, size: 2, entryPrice: 9 }],
      })
      const users = { fill }

      // The open of 10 and the high of 11 have not passed 9; the low of 8 has: 2 at 8.5 leave 983.
      expect(fillsOf(play({ ...input, users }).records)).toMatchObject([
        { rule: 'F2', liquidity: 'maker', gross: 9, price: 8.5, cash: 983 },
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'a buy stop reserves for what a fill of the user may make of it inside a bar: 10 % above',
    negative: true,
    run({ expect, play }) {
      const fill: Fill = ({ quantity, type }) => (type === 'stop' ? [{ quantity, price: 13 }] : [])
      const input = runOf({
        bars: [flat(10), flat(10), [10, 14, 9, 10], flat(10)],
        decisions: [{ bar: 0, ...BUY, size: 1, entryPrice: 12 }],
      })

      const { records } = play({ ...input, users: { fill } })
      expect(records[0]).toMatchObject({ kind: 'admit', orderType: 'stop' })
      expect(records[0]!.needed).toBeCloseTo(13.2, 12)
      expect(fillsOf(records)).toMatchObject([{ rule: 'F3', gross: 12, price: 13, cash: 987 }])
    },
  },
]
