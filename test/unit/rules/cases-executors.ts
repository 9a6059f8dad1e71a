import type { ReferenceUsers } from '../../support/reference-engine-users.ts'
import { fillsOf, flat, refusalsOf, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

type Executor = NonNullable<ReferenceUsers['executor']>

const ICEBERG = { bar: 0, signal: 'BUY', executor: 'iceberg' } as const
const WIDE: Row = [10, 12, 8, 11]

/** F13: order types by code of the user. */
export const EXECUTOR_CASES: RuleCase[] = [
  {
    rule: 'F13',
    title: 'an executor fills an order bar by bar at the average of its parts, into one lot',
    negative: false,
    run({ expect, play }) {
      const executor: Executor = (_name, { quantity }, { low, high }) => [
        { quantity: quantity / 4, price: low },
        { quantity: quantity / 4, price: high },
      ]
      const bars = [flat(10), WIDE, flat(11), flat(12)]
      const input = runOf({ bars, decisions: [{ ...ICEBERG, size: 8 }] })

      // Of 8: 2 at 8 and 2 at 12, average 10, so 40; of the 4 left 2 at 11, so 22; of the 2 left 1 at 12.
      expect(fillsOf(play({ ...input, users: { executor } }).records)).toMatchObject([
        {
          rule: 'F13',
          orderType: 'market',
          liquidity: 'taker',
          step: 6,
          time: tau(1),
          quantity: 4,
          gross: 10,
          price: 10,
          cash: 960,
          lot: 1,
        },
        { rule: 'F13', time: tau(2), quantity: 2, price: 11, cash: 938, lot: 1 },
        { rule: 'F13', time: tau(3), quantity: 1, price: 12, cash: 926, lot: 1 },
      ])
    },
  },
  {
    rule: 'F13',
    title: 'an executor is told the order, what the bar has room for, the bar and the account',
    negative: false,
    run({ expect, play }) {
      const told: unknown[] = []
      const executor: Executor = (...args) => {
        told.push(args)
        return [{ quantity: 2, price: 10 }]
      }
      const bars = [flat(10), [10, 12, 8, 11, 30], [10, 12, 8, 11, 40]] satisfies Row[]
      const decisions = [{ ...ICEBERG, size: 6, entryPrice: 9 }]
      const input = runOf({ bars, decisions, execution: { participation: 0.1 } })

      play({ ...input, users: { executor } })
      // A tenth of 30 is 3, a tenth of 40 is 4, and 6 - 2 = 4 are left.
      const order = { id: 1, symbol: 'AAA', side: 'buy', type: 'iceberg', placed: tau(1), size: 6, entryPrice: 9 }
      const bar = { open: 10, high: 12, low: 8, close: 11 }
      expect(told).toMatchObject([
        ['iceberg', { ...order, left: 6, quantity: 3 }, { ...bar, time: tau(1), volume: 30 }, { cash: 1000, lots: [] }],
        [
          'iceberg',
          { ...order, left: 4, quantity: 4 },
          { ...bar, time: tau(2) },
          { cash: 980, lots: [{ quantity: 2 }] },
        ],
      ])
    },
  },
  {
    rule: 'F13',
    title: 'without a part nothing fills and the order goes on; a bar without volume is not asked about',
    negative: true,
    run({ expect, play }) {
      const asked: number[] = []
      const executor: Executor = (_name, { quantity }, { time, open }) => {
        asked.push(time)
        return asked.length < 2 ? [] : [{ quantity, price: open }]
      }
      const bars = [flat(10), flat(10), flat(10, 0), flat(13), flat(14)]
      const input = runOf({ bars, decisions: [ICEBERG] })

      const { records } = play({ ...input, users: { executor } })
      expect(asked).toEqual([tau(1), tau(3)])
      expect(fillsOf(records)).toMatchObject([{ time: tau(3), quantity: 1, price: 13, cash: 987 }])
    },
  },
  {
    rule: 'F13',
    title: 'the bracket of what an executor entered does not act in that bar, and acts at the next open',
    negative: true,
    run({ expect, play }) {
      const executor: Executor = (_name, { quantity }, { low }) => [{ quantity, price: low }]
      const bars = [flat(10), WIDE, [9, 9, 7, 8], flat(8)] satisfies Row[]
      const input = runOf({ bars, decisions: [{ ...ICEBERG, size: 2, tpPct: 20, slPct: 5 }] })

      // Entered at 8, so TP 9.6 and SL 7.6. The bar of the entry goes up to 12; the next one opens at 9 and falls to 7.
      expect(fillsOf(play({ ...input, users: { executor } }).records)).toMatchObject([
        { rule: 'F13', price: 8, cash: 984 },
        { rule: 'F3', reason: 'stop_loss', time: tau(2), step: 7, gross: 7.6, cash: 984 + 2 * 7.6 },
      ])
    },
  },
  {
    rule: 'F13',
    title: 'what an executor adds later goes into a lot whose bracket acts already',
    negative: false,
    run({ expect, play }) {
      const executor: Executor = (_name, { quantity, size }, { low }) => [
        { quantity: Math.min(quantity, size / 4), price: low },
      ]
      const input = runOf({
        bars: [flat(10), flat(10), WIDE, flat(11)],
        decisions: [{ ...ICEBERG, size: 4, tpPct: 10 }],
      })

      // 1 at 10, so TP 11; 1 at 8 in the bar that goes up to 12. With the lot the 2 that are left end.
      const { records } = play({ ...input, users: { executor } })
      expect(fillsOf(records)).toMatchObject([
        { rule: 'F13', price: 10, quantity: 1, time: tau(1) },
        { rule: 'F13', price: 8, quantity: 1, time: tau(2) },
        { rule: 'F2', reason: 'take_profit', price: 11, quantity: 2, realised: 4, time: tau(2), step: 7 },
      ])
      expect(records.at(-2)).toMatchObject({ kind: 'cancel', reason: 'closed_lot', quantity: 2, decision: 1 })
    },
  },
  {
    rule: 'F13',
    title: 'an isolated position that an executor opened may be liquidated in that bar',
    negative: false,
    run({ expect, play }) {
      const executor: Executor = (_name, { quantity }, { close }) => [{ quantity, price: close }]
      const bars = [flat(100), [100, 120, 80, 120], flat(120)] satisfies Row[]
      const input = runOf({ bars, decisions: [ICEBERG], perpetual: { leverage: 5 } })

      // 1 at 120 with 24 of margin: bankrupt at 96. Nobody knows that the bar was at 80 before.
      expect(fillsOf(play({ ...input, users: { executor } }).records)).toMatchObject([
        { rule: 'F13', price: 120 },
        { rule: 'L3', reason: 'liquidation', price: 96, realised: -24, time: tau(1) },
      ])
    },
  },
  {
    rule: 'F13',
    title: 'the trailing stop of what an executor entered does not follow the bar of the entry',
    negative: true,
    run({ expect, play }) {
      const executor: Executor = (_name, { quantity }, { low }) => [{ quantity, price: low }]
      const bars = [flat(10), WIDE, [9, 9, 6.5, 8], [8, 8, 6.9, 7], flat(7)] satisfies Row[]
      const input = runOf({ bars, decisions: [{ ...ICEBERG, trailDistance: 2 }] })

      // Entered at 8: SL 6, whatever the 12 of that bar; 6.5 is above it. The next bar's 9 makes it 7, and 6.9 is below that.
      expect(fillsOf(play({ ...input, users: { executor } }).records)).toMatchObject([
        { rule: 'F13', price: 8 },
        { rule: 'F3', reason: 'trailing_stop', time: tau(3), gross: 7, cash: 999 },
      ])
    },
  },
  {
    rule: 'F13',
    title: 'the rest of an ioc is cancelled, and a fok that would fill in part does not fill',
    negative: true,
    run({ expect, play }) {
      const executor: Executor = (_name, { quantity }, { open }) => [{ quantity: quantity / 2, price: open }]
      const play1 = (timeInForce: 'ioc' | 'fok') =>
        play({
          ...runOf({ bars: [flat(10), flat(10), flat(10)], decisions: [{ ...ICEBERG, size: 2, timeInForce }] }),
          users: { executor },
        }).records
      const of = (kind: string, timeInForce: 'ioc' | 'fok') => play1(timeInForce).filter((one) => one.kind === kind)

      expect(of('fill', 'ioc')).toMatchObject([{ quantity: 1 }])
      expect(of('cancel', 'ioc')).toMatchObject([{ reason: 'unfilled', quantity: 1, time: tau(1) }])
      expect(of('fill', 'fok')).toEqual([])
      expect([...of('cancel', 'fok'), ...of('refuse', 'fok')]).toMatchObject([{ reason: 'unfilled', time: tau(1) }])
    },
  },
  {
    rule: 'F13',
    title: 'parts are rounded down to the step, and less than a step fills nothing',
    negative: true,
    run({ expect, play }) {
      const executor: Executor = (_name, { left }, { open }) => [{ quantity: left > 2 ? 1.7 : 0.4, price: open }]
      const bars = [flat(10), flat(10), flat(10), flat(10)]
      const input = runOf({ bars, decisions: [{ ...ICEBERG, size: 3 }], instrument: { step: '1' } })

      // 1.7 are 1, then 2 are left and 0.4 are none.
      expect(fillsOf(play({ ...input, users: { executor } }).records)).toMatchObject([{ quantity: 1, time: tau(1) }])
    },
  },
  {
    rule: 'F13',
    title: 'cash stays the limit: what a fill cannot pay for shrinks the order, or is refused',
    negative: true,
    run({ expect, play }) {
      const executor: Executor = (_name, { quantity }, { high }) => [{ quantity, price: high }]
      const of = (onShortfall: 'shrink' | 'refuse') =>
        play({
          ...runOf({
            bars: [flat(10), [10, 20, 10, 10], flat(10)],
            decisions: [{ ...ICEBERG, size: 10 }],
            cash: 100,
            instrument: { step: '1' },
            execution: { onShortfall },
          }),
          users: { executor },
        }).records

      // 10 at 10 are admitted with all 100; at 20 they buy 5.
      expect(fillsOf(of('shrink'))).toMatchObject([{ quantity: 5, price: 20, cash: 0 }])
      expect(fillsOf(of('refuse'))).toEqual([])
      expect(refusalsOf(of('refuse'))).toMatchObject([{ reason: 'insufficient_cash', needed: 200, available: 100 }])
    },
  },
]
