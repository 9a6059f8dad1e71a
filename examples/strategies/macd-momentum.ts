import { BaseStrategy, type Decision, type DecisionContext, type IndicatorRequest } from 'hotcell'

/** Buys when MACD crosses above its signal line below zero, sells when it crosses below it above zero. */
export default class MacdMomentum extends BaseStrategy<{ fast: number; slow: number; signal: number }> {
  static params = {
    fast: { type: 'integer', default: 12, minimum: 2, maximum: 200 },
    slow: { type: 'integer', default: 26, minimum: 3, maximum: 500 },
    signal: { type: 'integer', default: 9, minimum: 2, maximum: 200 },
  }

  override validateParams({ fast, slow }: { fast: number; slow: number }) {
    return fast < slow ? [] : [`fast (${fast}) must be less than slow (${slow})`]
  }

  override requiredIndicators(): IndicatorRequest[] {
    return [{ id: 'macd', kind: 'macd', params: { ...this.params } }]
  }

  override requiredLookback() {
    return 3 * (this.params.slow + this.params.signal)
  }

  override decide({ index, indicators }: DecisionContext<{ macd: 'macd' }>): Decision | null {
    const { macd, histogram } = indicators.macd
    const [before, now] = [histogram[index - 1]!, histogram[index]!]
    if (before <= 0 && now > 0 && macd[index]! < 0) return { signal: 'BUY', slPct: 5 }
    return before >= 0 && now < 0 && macd[index]! > 0 ? { signal: 'SELL' } : null
  }
}
