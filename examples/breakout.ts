import { BaseStrategy, type Decision, type DecisionContext } from 'hotcell'

/** Buys when the close breaks above the highest high of the last `length` bars; brackets in percent of the entry. */
export default class Breakout extends BaseStrategy<{ length: number; stop: number; target: number }> {
  static params = {
    length: { type: 'integer', default: 48, minimum: 2, maximum: 500, description: 'bars of the channel' },
    stop: { type: 'number', default: 3, minimum: 0.1, maximum: 50, description: 'stop loss in percent' },
    target: { type: 'number', default: 6, minimum: 0.1, maximum: 100, description: 'take profit in percent' },
  }

  override requiredLookback() {
    return this.params.length
  }

  override decide({ candles, index }: DecisionContext): Decision | null {
    const close = candles.close[index]!
    let high = -Infinity
    for (let i = index - this.params.length; i < index; i++) high = Math.max(high, candles.high[i]!)
    return close > high ? { signal: 'BUY', slPct: this.params.stop, tpPct: this.params.target } : null
  }
}
