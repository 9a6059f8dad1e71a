import { BaseStrategy, type Portfolio } from 'hotcell'

/** resting.ts as a portfolio strategy. */
export default class Resting extends BaseStrategy<{
  type: string
  direction: string
  offset: number
  limit: number
  every: number
  bars: number
  size: number
  stopLoss: number
  takeProfit: number
}> {
  static params = {
    type: { type: 'string', default: 'limit', enum: ['limit', 'stop', 'stop_limit'] },
    direction: { type: 'string', default: 'long', enum: ['long', 'short'] },
    offset: { type: 'number', default: 0.01, minimum: -1, maximum: 1 },
    limit: { type: 'number', default: 0, minimum: -1, maximum: 1 },
    every: { type: 'integer', default: 5, minimum: 1, maximum: 500 },
    bars: { type: 'integer', default: 3, minimum: 1, maximum: 500 },
    size: { type: 'number', default: 1, minimum: 0 },
    stopLoss: { type: 'number', default: 0.02, minimum: 0, maximum: 1 },
    takeProfit: { type: 'number', default: 0.02, minimum: 0, maximum: 1 },
  }

  override requiredLookback() {
    return 1
  }

  override onBar(portfolio: Portfolio) {
    const { type, direction, offset, limit, every, bars, size, stopLoss, takeProfit } = this.params
    const { candles, index } = portfolio
    if (index % every !== 0 || portfolio.position() !== null || portfolio.orders.length > 0) return
    const side = direction === 'long' ? 1 : -1
    const close = candles.close[index]!
    const entry = close * (1 - side * offset)
    portfolio.submit({
      side: side > 0 ? 'buy' : 'sell',
      quantity: size,
      type: type === 'limit' ? 'limit' : type === 'stop' ? 'stop' : 'stop_limit',
      ...(type === 'limit' ? { limitPrice: entry } : { stopPrice: entry }),
      ...(type === 'stop_limit' ? { limitPrice: close * (1 - side * (offset - limit)) } : {}),
      slPrice: entry * (1 - side * stopLoss),
      tpPrice: entry * (1 + side * takeProfit),
      expiresAfterBars: bars,
    })
  }
}
