import type { CandleSeries } from '../../src/candles/series.ts'

export interface LoopResult {
  readonly fills: number
  readonly trades: number
  readonly finalEquity: number
  readonly equity: Float64Array
  readonly ms: number
}

export interface LoopOptions {
  readonly fast: number
  readonly slow: number
  /** Bracket in percent of the price before slippage; NaN: none. */
  readonly tpPct: number
  readonly slPct: number
  readonly cash: number
  readonly fee: number
  readonly slippageBps: number
}

/**
 * The baseline of the engine's speed: SMA crossover, 100 % of equity, market orders at the next open, a take profit and a stop loss on
 * the path of the bar (the stop where both are met), fee and slippage, equity at each close, fills and closed trades in columns. One loop
 * over typed arrays, as somebody writes it who has one strategy and one symbol and needs nothing else.
 */
export function runHandwrittenLoop(candles: CandleSeries, options: LoopOptions): LoopResult {
  const start = performance.now()
  const { fast, slow, tpPct, slPct, fee } = options
  const { open, high, low, close, time, rows } = candles
  const up = 1 + options.slippageBps / 10_000
  const down = 1 - options.slippageBps / 10_000
  const equity = new Float64Array(rows - slow)
  const fillTime = new Float64Array(rows)
  const fillPrice = new Float64Array(rows)
  const fillQuantity = new Float64Array(rows)
  const fillFee = new Float64Array(rows)
  const tradeEntry = new Uint32Array(rows)
  const tradeProfit = new Float64Array(rows)
  let fills = 0
  let trades = 0
  let cash = options.cash
  let quantity = 0
  let entry = 0
  let takeProfit = Number.NaN
  let stopLoss = Number.NaN
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
    const opened = open[i]!
    // At most one sale a bar: at its open, or on the path once nothing is left to buy
    let exit = 0
    if (quantity > 0) {
      if (opened <= stopLoss) exit = opened * down
      else if (opened > takeProfit) exit = takeProfit
      else if (order === -1) exit = opened * down
    } else if (order === 1) {
      const price = opened * up
      const affordable = cash / (price * (1 + fee))
      quantity = target < affordable ? target : affordable
      entry = price
      takeProfit = opened * (1 + tpPct / 100)
      stopLoss = opened * (1 - slPct / 100)
      const notional = quantity * price
      const cost = notional * fee
      cash -= notional + cost
      fillTime[fills] = time[i]!
      fillPrice[fills] = price
      fillQuantity[fills] = quantity
      fillFee[fills] = cost
      fills += 1
    }
    order = 0
    if (quantity > 0 && exit === 0) {
      if (low[i]! <= stopLoss) exit = stopLoss * down
      else if (high[i]! > takeProfit) exit = takeProfit
    }
    if (exit > 0) {
      const notional = quantity * exit
      const cost = notional * fee
      cash += notional - cost
      fillTime[fills] = time[i]!
      fillPrice[fills] = exit
      fillQuantity[fills] = -quantity
      fillFee[fills] = cost
      tradeEntry[trades] = fills - 1
      tradeProfit[trades] = quantity * (exit - entry) - fillFee[fills - 1]! - cost
      fills += 1
      trades += 1
      quantity = 0
    }
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
  return { fills, trades, finalEquity: equity[equity.length - 1]!, equity, ms: performance.now() - start }
}
