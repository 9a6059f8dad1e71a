import { BaseStrategy, type Portfolio } from 'hotcell'

/** cross.ts as a portfolio strategy: exits of all symbols first, as the cash that they free is to be used. */
export default class Cross extends BaseStrategy<{
  fast: number
  slow: number
  direction: string
  size: number
  notional: number
}> {
  static params = {
    fast: { type: 'integer', default: 5, minimum: 1, maximum: 500 },
    slow: { type: 'integer', default: 20, minimum: 2, maximum: 500 },
    direction: { type: 'string', default: 'long', enum: ['long', 'short'] },
    size: { type: 'number', default: 0, minimum: 0 },
    notional: { type: 'number', default: 0, minimum: 0, description: 'in place of size: quote currency at the close' },
  }

  override requiredLookback() {
    return this.params.slow
  }

  override onBar(portfolio: Portfolio) {
    const { direction, size, notional } = this.params
    const sign = direction === 'long' ? 1 : -1
    const signals = portfolio.symbols.map((symbol) => {
      const { close, index } = portfolio.frames[symbol]!
      return { symbol, price: close[index]!, signal: sign * this.crossing(close, index) }
    })
    for (const { symbol, signal } of signals) {
      if (signal < 0 && portfolio.position(symbol) !== null) portfolio.close(symbol)
    }
    for (const { symbol, price, signal } of signals) {
      if (signal <= 0 || portfolio.position(symbol) !== null) continue
      const quantity = notional > 0 ? notional / price : size
      portfolio.submit({ symbol, side: sign > 0 ? 'buy' : 'sell', quantity })
    }
  }

  private crossing(close: Float64Array, index: number): number {
    const { fast, slow } = this.params
    const before = average(close, index - 1, fast) - average(close, index - 1, slow)
    const now = average(close, index, fast) - average(close, index, slow)
    if (before <= 0 && now > 0) return 1
    return before >= 0 && now < 0 ? -1 : 0
  }
}

function average(close: Float64Array, index: number, length: number): number {
  let sum = 0
  for (let i = index - length + 1; i <= index; i++) sum += close[i]!
  return sum / length
}
