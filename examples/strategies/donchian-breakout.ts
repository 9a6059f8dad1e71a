import { BaseStrategy, type Decision, type DecisionContext, type IndicatorRequest } from 'hotcell'

/** Buys a close above the highest high of the `entry` bars before it, sells one below the lowest low of the `exit` bars. */
export default class DonchianBreakout extends BaseStrategy<{ entry: number; exit: number }> {
  static params = {
    entry: { type: 'integer', default: 55, minimum: 2, maximum: 1000 },
    exit: { type: 'integer', default: 20, minimum: 2, maximum: 1000 },
  }

  override requiredIndicators(): IndicatorRequest[] {
    return [
      { id: 'top', kind: 'highest', source: 'high', params: { period: this.params.entry } },
      { id: 'bottom', kind: 'lowest', source: 'low', params: { period: this.params.exit } },
    ]
  }

  override requiredLookback() {
    return Math.max(this.params.entry, this.params.exit)
  }

  override decide(context: DecisionContext<{ top: 'highest'; bottom: 'lowest' }>): Decision | null {
    const { candles, index, indicators } = context
    const close = candles.close[index]!
    // The channel of the bar before: one that holds the bar itself can never be broken
    if (close > indicators.top[index - 1]!) return { signal: 'BUY' }
    return close < indicators.bottom[index - 1]! ? { signal: 'SELL' } : null
  }
}
