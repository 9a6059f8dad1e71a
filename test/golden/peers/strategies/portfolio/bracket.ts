import { BaseStrategy, type Portfolio } from 'hotcell'

/** bracket.ts as a portfolio strategy; the argument `adds` says whether a position may grow. */
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
    stopLoss: { type: 'number', default: 0, minimum: 0, maximum: 1 },
    takeProfit: { type: 'number', default: 0, minimum: 0, maximum: 1 },
    trail: { type: 'number', default: 0, minimum: 0 },
    exit: { type: 'integer', default: 0, minimum: 0, maximum: 500 },
  }

  override requiredLookback() {
    return Math.max(this.params.length, this.params.exit)
  }

  override onBar(portfolio: Portfolio) {
    const { length, direction, size, stopLoss, takeProfit, trail, exit } = this.params
    const { candles, index, args } = portfolio
    const side = direction === 'long' ? 1 : -1
    const price = candles.close[index]!
    const holds = portfolio.position() !== null
    if (isBeyond(candles.close, index, length, side)) {
      if (holds && args['adds'] !== true) return
      portfolio.submit({
        side: side > 0 ? 'buy' : 'sell',
        quantity: size,
        ...(stopLoss > 0 ? { slPrice: price * (1 - side * stopLoss) } : {}),
        ...(takeProfit > 0 ? { tpPrice: price * (1 + side * takeProfit) } : {}),
        ...(trail > 0 ? { trail: { distance: trail } } : {}),
      })
    } else if (holds && exit > 0 && isBeyond(candles.close, index, exit, -side)) {
      portfolio.close(portfolio.symbols[0]!)
    }
  }
}

function isBeyond(close: Float64Array, index: number, length: number, side: number): boolean {
  for (let i = index - length; i < index; i++) if (side * close[index]! <= side * close[i]!) return false
  return true
}
