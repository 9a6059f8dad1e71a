import type { CandleSeries } from '../../src/candles/series.ts'

export interface LoopResult {
  readonly fills: number
  readonly finalEquity: number
  readonly equity: Float64Array
  readonly ms: number
}

/**
 * The baseline of the engine's speed: SMA crossover, 100 % of equity, market orders at the next open, fee and slippage, equity at each close,
 * fills in columns. One loop over typed arrays, as somebody writes it who has one strategy and one symbol and needs nothing else.
 */
export function runHandwrittenLoop(
  candles: CandleSeries,
  options: { fast: number; slow: number; cash: number; fee: number; slippageBps: number },
): LoopResult {
  const start = performance.now()
  const { fast, slow, fee } = options
  const { open, close, time, rows } = candles
  const up = 1 + options.slippageBps / 10_000
  const down = 1 - options.slippageBps / 10_000
  const equity = new Float64Array(rows - slow)
  const fillTime = new Float64Array(rows)
  const fillPrice = new Float64Array(rows)
  const fillQuantity = new Float64Array(rows)
  let fills = 0
  let cash = options.cash
  let quantity = 0
  let target = 0
  let order = 0
  let fastSum = 0
  let slowSum = 0
  let wasAbove = false
  let wasBelow = false
  for (let i = 0; i < slow; i += 1) slowSum += close[i]!
  for (let i = slow - fast; i < slow; i += 1) fastSum += close[i]!
  wasAbove = fastSum / fast > slowSum / slow
  wasBelow = fastSum / fast < slowSum / slow
  for (let i = slow; i < rows; i += 1) {
    if (order === 1) {
      const price = open[i]! * up
      const affordable = cash / (price * (1 + fee))
      quantity = target < affordable ? target : affordable
      const notional = quantity * price
      cash -= notional + notional * fee
      fillTime[fills] = time[i]!
      fillPrice[fills] = price
      fillQuantity[fills] = quantity
      fills += 1
    } else if (order === -1) {
      const price = open[i]! * down
      const notional = quantity * price
      cash += notional - notional * fee
      fillTime[fills] = time[i]!
      fillPrice[fills] = price
      fillQuantity[fills] = -quantity
      fills += 1
      quantity = 0
    }
    order = 0
    const c = close[i]!
    fastSum += c - close[i - fast]!
    slowSum += c - close[i - slow]!
    const value = cash + quantity * c
    equity[i - slow] = value
    const a = fastSum / fast
    const b = slowSum / slow
    const above = a > b
    const below = a < b
    if (above && !wasAbove && quantity === 0) {
      order = 1
      target = Math.min(value / c, cash / (c * up * (1 + fee)))
    } else if (below && !wasBelow && quantity > 0) {
      order = -1
    }
    wasAbove = above
    wasBelow = below
  }
  return { fills, finalEquity: equity[equity.length - 1]!, equity, ms: performance.now() - start }
}
