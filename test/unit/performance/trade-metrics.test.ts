import { test } from 'vitest'
import { tradeMetrics } from '../../../src/performance/trade-metrics.ts'

const of = (...net: number[]) => tradeMetrics(Float64Array.from(net), 1000)

test('tradeMetrics() without trades is null, not zero', ({ expect }) => {
  const { metrics, counts } = of()

  expect([metrics.win_rate.value, metrics.win_rate.reason]).toEqual([null, 'no_trades'])
  expect([metrics.profit_factor.value, metrics.profit_factor.reason]).toEqual([null, 'no_trades'])
  expect(metrics.win_rate.flags).toEqual([])
  expect(counts).toEqual({ trades: 0, wins: 0, losses: 0, breakEven: 0, averageWin: null, averageLoss: null })
})

test('tradeMetrics() keeps break-even trades in the denominator', ({ expect }) => {
  // wins 30 + 10, loss 20, one trade of +1e-10 on 1,000 cash (<= 1e-12·E0 = 1e-9): break-even
  const { metrics, counts } = of(30, -20, 1e-10, 10)

  expect(metrics.win_rate.value).toBe(2 / 4)
  expect(metrics.profit_factor.value).toBe(40 / 20)
  expect(counts).toEqual({ trades: 4, wins: 2, losses: 1, breakEven: 1, averageWin: 20, averageLoss: -20 })
})

test('tradeMetrics() has no profit factor without a loss', ({ expect }) => {
  const { metrics } = of(5, 6)

  expect([metrics.profit_factor.value, metrics.profit_factor.reason]).toEqual([null, 'no_losses'])
  expect(metrics.win_rate.value).toBe(1)
})

test('tradeMetrics() flags fewer than ten trades', ({ expect }) => {
  expect(of(...Array(9).fill(1)).metrics.win_rate.flags).toEqual(['low_n'])
  expect(of(...Array(10).fill(1)).metrics.win_rate.flags).toEqual([])
})
