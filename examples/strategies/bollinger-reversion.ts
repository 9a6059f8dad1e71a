import { BaseStrategy, type Decision, type DecisionContext, type IndicatorRequest } from 'hotcell'

/** Rests a limit order at the lower band, with a target at the middle and a stop as far below. */
export default class BollingerReversion extends BaseStrategy<{ period: number; deviations: number }> {
  static params = {
    period: { type: 'integer', default: 24, minimum: 2, maximum: 500 },
    deviations: { type: 'number', default: 2.2, minimum: 0.5, maximum: 5 },
  }

  override requiredIndicators(): IndicatorRequest[] {
    const { period, deviations } = this.params
    return [{ id: 'bands', kind: 'bollinger', params: { period, deviations } }]
  }

  override requiredLookback() {
    return this.params.period
  }

  override decide({ candles, index, indicators }: DecisionContext<{ bands: 'bollinger' }>): Decision | null {
    const { lower, middle } = indicators.bands
    const [low, mean] = [lower[index]!, middle[index]!]
    if (candles.close[index]! <= low || candles.close[index - 1]! <= lower[index - 1]!) return null
    // Anew at each bar: the order lives for one bar, then the band has moved
    return { signal: 'BUY', entryPrice: low, expiresAfterBars: 1, tpPrice: mean, slPrice: low - (mean - low) }
  }
}
