import { test } from 'vitest'
import type { Fill } from '../../../src/backtest/explanation.ts'
import { longestDrawdown, ulcerIndex } from '../../../src/performance/drawdown.ts'
import { exposureOf } from '../../../src/performance/exposure.ts'

const DAY = 86_400_000
const START = 19_723 * DAY
const window = (bars: number) => ({ firstSlot: 19_723, endSlot: 19_723 + bars, start: START, end: START + bars * DAY })

interface FillRow {
  bar: number
  lot: number
  side: 'buy' | 'sell'
  quantity: number
  price: number
  onPath?: boolean
  fee?: number
}

function fillOf({ bar, lot, side, quantity, price, onPath = false, fee = 0 }: FillRow): Fill {
  return {
    id: 1,
    order: 1,
    lot,
    decision: 1,
    symbol: 'A',
    side,
    type: 'market',
    reason: side === 'buy' ? 'entry' : 'exit',
    time: START + bar * DAY,
    quantity,
    price,
    fee,
    slippage: 0,
    realised: 0,
    why: {
      rule: 'F1',
      barTime: START + bar * DAY,
      open: price,
      high: price,
      low: price,
      close: price,
      policy: 'worst',
      path: onPath ? 'O-L-H-C' : 'none',
      gross: price,
      slippage: 0,
      fee,
      liquidity: 'taker',
    },
  }
}

function exposure(equity: number[], fills: FillRow[]) {
  return exposureOf(
    { interval: '1d', window: window(equity.length), initialCash: 100, equity: Float64Array.from(equity) },
    fills.map(fillOf),
  )
}

test('a lot counts in each bar in which it is held after the entries at the open, or at the close', ({ expect }) => {
  const cases: [string, FillRow[], number][] = [
    ['no fill', [], 0],
    ['bought at the open of 1, sold at the open of 3', [buy(1), sell(3)], 2],
    [
      'bought and sold on the path of 1',
      [
        { ...buy(1), onPath: true },
        { ...sell(1), onPath: true },
      ],
      0,
    ],
    ['bought on the path of 1, held at its close, sold at the open of 2', [{ ...buy(1), onPath: true }, sell(2)], 1],
    ['bought at the open of 1, stopped on its path', [buy(1), { ...sell(1), onPath: true }], 1],
    ['held to the end', [buy(2)], 2],
    ['sold at the end of data', [buy(2), sell(4)], 2],
  ]
  for (const [title, fills, bars] of cases) expect(exposure([100, 100, 100, 100], fills).held, title).toBe(bars / 4)
})

test('mean exposure is notional over equity at the closes', ({ expect }) => {
  // 5 units at 10 from bar 1 on: notional 50 of 100, then 5 units at 20 of equity 150
  const { gross } = exposure(
    [100, 100, 150, 150],
    [
      { ...buy(1), quantity: 5 },
      { ...sell(3), quantity: 5, price: 20 },
    ],
  )

  expect(gross).toBeCloseTo((50 / 100 + 100 / 150) / 4, 14)
})

function buy(bar: number): FillRow {
  return { bar, lot: 1, side: 'buy', quantity: 1, price: 10 }
}

function sell(bar: number): FillRow {
  return { bar, lot: 1, side: 'sell', quantity: 1, price: 10 }
}

test('the longest drawdown runs from the peak to the first equity that is not below it', ({ expect }) => {
  const of = (...equity: number[]) =>
    longestDrawdown({
      interval: '1d',
      window: window(equity.length),
      initialCash: 100,
      equity: Float64Array.from(equity),
    })

  expect(of(100, 101, 102)).toEqual({ ms: 0, open: false })
  // E0 at the first open is the peak; back at 100 at the close of bar 2
  expect(of(90, 95, 100, 101)).toEqual({ ms: 3 * DAY, open: false })
  // peak at the close of bar 0, never seen again
  expect(of(110, 90, 100)).toEqual({ ms: 2 * DAY, open: true })
  // one day under water, then an open one of two days
  expect(of(110, 105, 110, 100, 101)).toEqual({ ms: 2 * DAY, open: false })
  expect(of(110, 105, 110, 100, 101, 102)).toEqual({ ms: 3 * DAY, open: true })
})

test('the ulcer index counts the days without a fall and E0', ({ expect }) => {
  expect(ulcerIndex(Float64Array.of(100, 110, 99, 110))).toBeCloseTo(Math.sqrt((0.1 * 0.1) / 4), 14)
})
