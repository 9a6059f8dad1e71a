import { BaseStrategy, type Decision, type DecisionContext, type IndicatorRequest } from 'hotcell'

/**
 * Buys a new high of `length` bars and leaves when the close falls `width` ATR below the highest close since. The line is kept in a
 * field, and tested on closes; `trail: { distance }` of a decision would be a stop that works inside the bars too.
 */
export default class AtrTrailing extends BaseStrategy<{ length: number; width: number }> {
  static params = {
    length: { type: 'integer', default: 72, minimum: 2, maximum: 1000 },
    width: { type: 'number', default: 4, minimum: 0.5, maximum: 20, description: 'distance of the line in ATR' },
  }

  /** Highest close since the signal; NaN: no line is followed. */
  private top = Number.NaN

  override requiredIndicators(): IndicatorRequest[] {
    return [
      { id: 'atr', kind: 'atr', params: { period: 24 } },
      { id: 'high', kind: 'highest', params: { period: this.params.length } },
    ]
  }

  override requiredLookback() {
    return Math.max(this.params.length, 24 * 5)
  }

  override decide({ candles, index, indicators }: DecisionContext<{ atr: 'atr'; high: 'highest' }>): Decision | null {
    const close = candles.close[index]!
    if (Number.isNaN(this.top)) {
      if (close < indicators.high[index]!) return null
      this.top = close
      return { signal: 'BUY' }
    }
    this.top = Math.max(this.top, close)
    if (close >= this.top - this.params.width * indicators.atr[index]!) return null
    this.top = Number.NaN
    return { signal: 'SELL' }
  }
}
