import { BaseStrategy, type Portfolio } from 'hotcell'

/** ladder.ts as a portfolio strategy. */
export default class Ladder extends BaseStrategy<{ every: number; offset: number; size: number }> {
  static params = {
    every: { type: 'integer', default: 12, minimum: 6, maximum: 500 },
    offset: { type: 'number', default: 0.005, minimum: 0, maximum: 1 },
    size: { type: 'number', default: 1, minimum: 0 },
  }

  override requiredLookback() {
    return 1
  }

  override onBar(portfolio: Portfolio) {
    const { every, offset, size } = this.params
    const { candles, index } = portfolio
    const bar = index % every
    if (bar === every - 3 && portfolio.position() !== null) portfolio.close(portfolio.symbols[0]!)
    if (bar > 1) return
    const limitPrice = candles.close[index]! * (1 - (1 + 2 * bar) * offset)
    portfolio.submit({ side: 'buy', quantity: size, type: 'limit', limitPrice, expiresAfterBars: every - 5 })
  }
}
