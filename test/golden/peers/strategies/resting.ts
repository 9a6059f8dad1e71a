import { BaseStrategy, type Decision, type DecisionContext } from 'hotcell'

/** An order that rests at a distance from the close, every so many bars; what does not fill ends after `bars`. */
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
    offset: {
      type: 'number',
      default: 0.01,
      minimum: -1,
      maximum: 1,
      description: 'of the entry, share of the close, against the direction',
    },
    limit: {
      type: 'number',
      default: 0,
      minimum: -1,
      maximum: 1,
      description: 'of a stop_limit beyond its stop, share of the close',
    },
    every: { type: 'integer', default: 5, minimum: 1, maximum: 500 },
    bars: { type: 'integer', default: 3, minimum: 1, maximum: 500 },
    size: { type: 'number', default: 1, minimum: 0 },
    stopLoss: { type: 'number', default: 0.02, minimum: 0, maximum: 1 },
    takeProfit: { type: 'number', default: 0.02, minimum: 0, maximum: 1 },
  }

  override requiredLookback() {
    return 1
  }

  override decide({ candles, index }: DecisionContext): Decision | null {
    const { type, direction, offset, limit, every, bars, size, stopLoss, takeProfit } = this.params
    if (index % every !== 0) return null
    const side = direction === 'long' ? 1 : -1
    const close = candles.close[index]!
    const entryPrice = close * (1 - side * offset)
    return {
      signal: side > 0 ? 'BUY' : 'SELL',
      intent: 'open',
      size,
      entryType: type === 'limit' ? 'limit' : type === 'stop' ? 'stop' : 'stop_limit',
      entryPrice,
      ...(type === 'stop_limit' ? { limitPrice: close * (1 - side * (offset - limit)) } : {}),
      slPrice: entryPrice * (1 - side * stopLoss),
      tpPrice: entryPrice * (1 + side * takeProfit),
      expiresAfterBars: bars,
    }
  }
}
