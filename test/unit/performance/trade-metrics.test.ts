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

test('tradeMetrics() states payoff, expectancy, SQN and Kelly of four trades', ({ expect }) => {
  // wins 30, 10: average 20; losses −20, −4: average −12; mean 4; squared deviations 676, 36, 576, 64: 1352
  const { metrics } = of(30, 10, -20, -4)

  expect(metrics.payoff.value).toBeCloseTo(20 / 12, 14)
  expect(metrics.expectancy.value).toBe(4)
  expect(metrics.sqn.value).toBeCloseTo((2 * 4) / Math.sqrt(1352 / 3), 14)
  expect(metrics.kelly.value).toBeCloseTo(0.5 - 0.5 / (20 / 12), 14)
})

test('tradeMetrics() says why payoff, SQN and Kelly are missing', ({ expect }) => {
  const reasons = (...net: number[]) => {
    const { payoff, kelly, sqn, expectancy } = of(...net).metrics
    return [payoff.reason, kelly.reason, sqn.reason, expectancy.reason]
  }

  expect(reasons()).toEqual(['no_trades', 'no_trades', 'no_trades', 'no_trades'])
  expect(reasons(5)).toEqual(['no_losses', 'no_losses', 'zero_vol', null])
  expect(reasons(-5, -6)).toEqual(['no_wins', 'no_wins', null, null])
  expect(reasons(5, 5, 5)).toEqual(['no_losses', 'no_losses', 'zero_vol', null])
})
