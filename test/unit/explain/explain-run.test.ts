import { describe, test } from 'vitest'
import type { EngineRecord } from '../../../src/backtest/records.ts'
import { at, candles, explain, ROUND_TRIP } from './round-trip.ts'

const refuse = (reason: EngineRecord['reason']) => ({ kind: 'refuse' as const, reason, step: 5, time: at(1) })

describe('explainRun()', () => {
  test('states rule, bar, policy, gross price, slippage, fee and liquidity of each fill', ({ expect }) => {
    const { fills } = explain(ROUND_TRIP)

    expect(fills[0]!.why).toEqual({
      rule: 'F1',
      barTime: at(1),
      open: 11,
      high: 13,
      low: 10,
      close: 12,
      policy: 'worst',
      path: 'none',
      gross: 11,
      slippage: expect.closeTo(0.1, 12),
      fee: 0.4,
      liquidity: 'taker',
    })
    expect(fills[1]!.why).toMatchObject({ rule: 'F2', path: 'O-L-H-C', slippage: 0, liquidity: 'maker', high: 16 })
    expect(fills[2]!.slippage).toBeCloseTo(0.15 * 3, 12)
  })

  test('makes one trade of a lot with all its partial exits', ({ expect }) => {
    const { trades, lots, totals } = explain(ROUND_TRIP)

    expect(lots).toEqual([])
    expect(trades).toHaveLength(1)
    // gross 4.9 + 11.25, fees 0.4 + 0.1 + 0.3
    expect(trades[0]).toMatchObject({ lot: 1, symbol: 'AAA', quantity: 4, entryPrice: 11.1, exitTime: at(3) })
    expect(trades[0]!.grossPnl).toBeCloseTo(16.15, 12)
    expect(trades[0]!.fees).toBeCloseTo(0.8, 12)
    expect(trades[0]!.netPnl).toBeCloseTo(15.35, 12)
    expect(trades[0]!.exitPrice).toBeCloseTo((16 + 3 * 14.85) / 4, 12)
    expect(trades[0]!.returnOnEntry).toBeCloseTo(15.35 / 44.4, 12)
    expect(trades[0]!.exits.map((exit) => [exit.quantity, exit.reason])).toEqual([
      [1, 'take_profit'],
      [3, 'exit'],
    ])
    expect(totals.fees).toBeCloseTo(0.8, 12)
    expect(totals.slippage).toBeCloseTo(0.4 + 0.45, 12)
  })

  test('lists a lot with a rest as open, at the last close', ({ expect }) => {
    const { trades, lots } = explain(ROUND_TRIP.slice(0, 3))

    expect(trades).toEqual([])
    expect(lots).toHaveLength(1)
    expect(lots[0]).toMatchObject({ quantity: 3, mark: 14, markTime: at(4), realised: 4.9, fees: 0.5 })
    expect(lots[0]!.unrealised).toBeCloseTo(3 * (14 - 11.1), 12)
    expect(lots[0]!.unrealisedReturn).toBeCloseTo((14 - 11.1) / 11.1, 12)
  })

  test('marks a lot whose data ended at its own last close', ({ expect }) => {
    const { lots } = explain(ROUND_TRIP.slice(0, 2), 9)

    expect(lots[0]).toMatchObject({ mark: 14, markTime: at(4) })
  })

  test('closes a lot whose rest is rounding, and keeps one whose rest is real', ({ expect }) => {
    const buy = { lot: 1, order: 1, quantity: 0.3, gross: 10, price: 10 }
    const sell = (quantity: number) => ({ ...buy, reason: 'exit' as const, side: 'sell' as const, order: 2, quantity })

    expect(explain([buy, sell(0.1), sell(0.2 - 1e-16)]).trades).toHaveLength(1)
    expect(explain([buy, sell(0.1), sell(0.2 - 1e-9)]).trades).toHaveLength(0)
  })

  test('closes a lot of so many fills that their sums are off by more than a remainder', ({ expect }) => {
    const buy = { lot: 1, order: 1, quantity: 0.1, gross: 10, price: 10 }
    const sell = { ...buy, reason: 'exit' as const, side: 'sell' as const, order: 2, quantity: 10_000 }
    const buys = Array.from({ length: 100_000 }, () => buy)

    // 0.1 added up so often is 10000.000000018848
    expect(explain([...buys, sell]).lots).toEqual([])
  })

  test('keeps what is left of a lot of whole steps, however little of it that is', ({ expect }) => {
    const buy = { lot: 1, order: 1, quantity: 3e13, gross: 10, price: 10 }
    const sell = (quantity: number) => ({ ...buy, reason: 'exit' as const, side: 'sell' as const, order: 2, quantity })
    const records = [buy, sell(3e13 - 9), sell(9)]

    expect(explain(records.slice(0, 2), 4, undefined, { hasSteps: [true] }).lots).toMatchObject([{ quantity: 9 }])
    expect(explain(records, 4, undefined, { hasSteps: [true] }).trades).toMatchObject([
      { exits: [{}, { quantity: 9 }] },
    ])
    expect(explain(records.slice(0, 2)).lots).toEqual([])
  })

  test('finds the last bar for a close at the end of data', ({ expect }) => {
    const { fills, trades } = explain([
      ...ROUND_TRIP.slice(0, 2),
      {
        reason: 'end_of_data',
        rule: 'T6',
        side: 'sell',
        step: 1,
        lot: 1,
        order: 2,
        time: at(4),
        quantity: 4,
        gross: 14,
        price: 14,
        realised: 11.6,
      },
    ])

    expect(fills[1]!.why).toMatchObject({ barTime: at(3), close: 14, rule: 'T6' })
    expect(trades[0]!.exits[0]!.reason).toBe('end_of_data')
  })

  test('follows each order to its end', ({ expect }) => {
    const { orders } = explain([
      ...ROUND_TRIP,
      {
        kind: 'admit',
        reason: 'none',
        orderType: 'limit',
        order: 4,
        decision: 3,
        time: at(3),
        quantity: 1,
        gross: 9.5,
        needed: 9.6,
      },
      { kind: 'cancel', reason: 'cancelled_by_sell', order: 4, time: at(3) },
      { kind: 'admit', reason: 'none', order: 5, decision: 4, time: at(3), quantity: 1, needed: 15 },
      { kind: 'refuse', reason: 'bracket_passed', order: 5, decision: 4, time: at(3), quantity: 1 },
      { kind: 'admit', reason: 'none', orderType: 'stop', order: 6, decision: 5, time: at(3), quantity: 1, gross: 20 },
    ])

    expect(orders.map((order) => [order.order, order.kind, order.state, order.reason, order.price])).toEqual([
      [1, 'entry', 'filled', 'entry', null],
      [2, 'bracket', 'filled', 'take_profit', 16],
      [3, 'close', 'filled', 'exit', null],
      [4, 'entry', 'cancelled', 'cancelled_by_sell', 9.5],
      [5, 'entry', 'refused', 'bracket_passed', null],
      [6, 'entry', 'working', 'none', 20],
    ])
  })

  test('counts refusals by reason, most frequent first', ({ expect }) => {
    const { refusals, refusalsByReason } = explain([
      refuse('capacity'),
      refuse('insufficient_cash'),
      refuse('insufficient_cash'),
      refuse('already_open'),
    ])

    expect(refusals).toHaveLength(4)
    expect(refusalsByReason).toEqual([
      { reason: 'insufficient_cash', count: 2, details: [] },
      { reason: 'already_open', count: 1, details: [] },
      { reason: 'capacity', count: 1, details: [] },
    ])
  })

  test('refuses records that do not fit the candles or the lots', ({ expect }) => {
    expect(() => explain([{ lot: 1, time: at(1) + 1, quantity: 1 }])).toThrow(/no bar at/)
    expect(() => explain([{ lot: 9, reason: 'exit', time: at(1), quantity: 1 }])).toThrow(/lot 9 is not open/)
  })

  test('explains 100,000 fills within seconds', { timeout: 20_000 }, ({ expect }) => {
    const rows = 100_000
    const series = candles(
      'AAA',
      Array.from({ length: rows }, () => [10, 11, 9, 10] as [number, number, number, number]),
    )
    const records: Partial<EngineRecord>[] = []
    for (let i = 0; i < rows; i++) {
      const lot = Math.floor(i / 2) + 1
      records.push(
        i % 2 === 0
          ? { lot, order: i + 1, time: at(i), quantity: 1, gross: 10, price: 10 }
          : { lot, order: i + 1, time: at(i), quantity: 1, gross: 10, price: 10, reason: 'exit', side: 'sell' },
      )
    }
    const started = performance.now()

    const { fills, trades } = explain(records, rows, [series])

    expect([fills.length, trades.length]).toEqual([rows, rows / 2])
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
