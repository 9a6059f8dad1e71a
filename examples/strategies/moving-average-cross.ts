import { BaseStrategy, type Decision, type DecisionContext, type IndicatorRequest } from 'hotcell'

/** In the market while the fast average is above the slow one. */
export default class MovingAverageCross extends BaseStrategy<{ fast: number; slow: number }> {
  static params = {
    fast: { type: 'integer', default: 20, minimum: 1, maximum: 500, description: 'bars of the fast average' },
    slow: { type: 'integer', default: 80, minimum: 2, maximum: 1000, description: 'bars of the slow average' },
  }

  override validateParams({ fast, slow }: { fast: number; slow: number }) {
    return fast < slow ? [] : [`fast (${fast}) must be less than slow (${slow})`]
  }

  override requiredIndicators(): IndicatorRequest[] {
    return [
      { id: 'fast', kind: 'ema', params: { period: this.params.fast } },
      { id: 'slow', kind: 'ema', params: { period: this.params.slow } },
    ]
  }

  // An exponential average forgets its seed: three times its length before the first decision
  override requiredLookback() {
    return 3 * this.params.slow
  }

  override decide({ index, indicators }: DecisionContext<{ fast: 'ema'; slow: 'ema' }>): Decision | null {
    const now = indicators.fast[index]! - indicators.slow[index]!
    const before = indicators.fast[index - 1]! - indicators.slow[index - 1]!
    if (before <= 0 && now > 0) return { signal: 'BUY' }
    return before >= 0 && now < 0 ? { signal: 'SELL' } : null
  }
}
