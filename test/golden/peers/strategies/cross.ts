import { BaseStrategy, type Decision, type DecisionContext } from 'hotcell'

/** Two simple averages: opens `direction` when the fast one crosses that way, closes when it crosses back. */
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

  override decide({ candles, index }: DecisionContext): Decision | null {
    const { fast, slow, direction, size, notional } = this.params
    const { close } = candles
    const before = average(close, index - 1, fast) - average(close, index - 1, slow)
    const now = average(close, index, fast) - average(close, index, slow)
    const isUp = before <= 0 && now > 0
    const isDown = before >= 0 && now < 0
    const opening = { size: notional > 0 ? notional / close[index]! : size, intent: 'open' } as const
    if (direction === 'long') {
      if (isUp) return { signal: 'BUY', ...opening }
      return isDown ? { signal: 'SELL', intent: 'close' } : null
    }
    if (isDown) return { signal: 'SELL', ...opening }
    return isUp ? { signal: 'BUY', intent: 'close' } : null
  }
}

function average(close: Float64Array, index: number, length: number): number {
  let sum = 0
  for (let i = index - length + 1; i <= index; i++) sum += close[i]!
  return sum / length
}
