import { BaseStrategy, type Decision, type DecisionContext } from 'hotcell'

/** A close beyond all of the `length` closes before opens at the market, with the bracket that is asked for. */
export default class Bracket extends BaseStrategy<{
  length: number
  direction: string
  size: number
  stopLoss: number
  takeProfit: number
  trail: number
  exit: number
}> {
  static params = {
    length: { type: 'integer', default: 10, minimum: 1, maximum: 500 },
    direction: { type: 'string', default: 'long', enum: ['long', 'short'] },
    size: { type: 'number', default: 1, minimum: 0 },
    stopLoss: { type: 'number', default: 0, minimum: 0, maximum: 1, description: 'share of the close; 0: none' },
    takeProfit: { type: 'number', default: 0, minimum: 0, maximum: 1, description: 'share of the close; 0: none' },
    trail: { type: 'number', default: 0, minimum: 0, description: 'distance of a trailing stop; 0: none' },
    exit: {
      type: 'integer',
      default: 0,
      minimum: 0,
      maximum: 500,
      description: 'closes on an opposite one of so many bars; 0: never',
    },
  }

  override requiredLookback() {
    return Math.max(this.params.length, this.params.exit)
  }

  override decide({ candles, index }: DecisionContext): Decision | null {
    const { length, direction, size, stopLoss, takeProfit, trail, exit } = this.params
    const side = direction === 'long' ? 1 : -1
    const { close } = candles
    const price = close[index]!
    if (isBeyond(close, index, length, side)) {
      return {
        signal: side > 0 ? 'BUY' : 'SELL',
        intent: 'open',
        size,
        ...(stopLoss > 0 ? { slPrice: price * (1 - side * stopLoss) } : {}),
        ...(takeProfit > 0 ? { tpPrice: price * (1 + side * takeProfit) } : {}),
        ...(trail > 0 ? { trail: { distance: trail } } : {}),
      }
    }
    if (exit === 0 || !isBeyond(close, index, exit, -side)) return null
    return { signal: side > 0 ? 'SELL' : 'BUY', intent: 'close' }
  }
}

function isBeyond(close: Float64Array, index: number, length: number, side: number): boolean {
  for (let i = index - length; i < index; i++) if (side * close[index]! <= side * close[i]!) return false
  return true
}
