import { BaseStrategy, type Decision, type DecisionContext, type IndicatorRequest } from 'hotcell'

/** Buys when the close comes back above the lower Bollinger band while RSI is low; sells at the middle band. */
export default class RsiBands extends BaseStrategy<{ period: number; low: number }> {
  static params = {
    period: { type: 'integer', default: 20, minimum: 2, maximum: 500, description: 'bars of the bands' },
    low: { type: 'number', default: 40, minimum: 0, maximum: 100, description: 'RSI below which it buys' },
  }

  override requiredIndicators(): IndicatorRequest[] {
    return [
      { id: 'bands', kind: 'bollinger', params: { period: this.params.period } },
      { id: 'rsi', kind: 'rsi', params: { period: 14 } },
    ]
  }

  override requiredLookback() {
    return Math.max(this.params.period, 15)
  }

  override decide({
    candles,
    index,
    indicators,
  }: DecisionContext<{ bands: 'bollinger'; rsi: 'rsi' }>): Decision | null {
    const { lower, middle } = indicators.bands
    const close = candles.close[index]!
    const before = candles.close[index - 1]!
    if (before < lower[index - 1]! && close > lower[index]! && indicators.rsi[index]! < this.params.low) {
      return { signal: 'BUY', slPct: 3 }
    }
    return before < middle[index - 1]! && close >= middle[index]! ? { signal: 'SELL' } : null
  }
}
