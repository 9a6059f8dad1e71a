import { BaseStrategy, type Decision, type DecisionContext, type IndicatorRequest } from 'hotcell'

/** Buys when RSI comes back above its low band, sells when it reaches the high one; a stop limits the loss. */
export default class RsiDip extends BaseStrategy<{ period: number; low: number; high: number; stop: number }> {
  static params = {
    period: { type: 'integer', default: 14, minimum: 2, maximum: 200 },
    low: { type: 'number', default: 30, minimum: 0, maximum: 100, description: 'buys when RSI rises through it' },
    high: { type: 'number', default: 65, minimum: 0, maximum: 100, description: 'sells when RSI is above it' },
    stop: { type: 'number', default: 4, minimum: 0.1, maximum: 50, description: 'stop loss in percent' },
  }

  override requiredIndicators(): IndicatorRequest[] {
    return [{ id: 'rsi', kind: 'rsi', params: { period: this.params.period } }]
  }

  override requiredLookback() {
    return 10 * this.params.period
  }

  override decide({ index, indicators: { rsi } }: DecisionContext<{ rsi: 'rsi' }>): Decision | null {
    const { low, high, stop } = this.params
    if (rsi[index - 1]! <= low && rsi[index]! > low) return { signal: 'BUY', slPct: stop }
    return rsi[index - 1]! <= high && rsi[index]! > high ? { signal: 'SELL' } : null
  }
}
