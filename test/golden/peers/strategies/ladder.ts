import { BaseStrategy, type Decision, type DecisionContext } from 'hotcell'

/** In each round of `every` bars two limits, a bar apart, which together cost more than there is; all is closed later in the round. */
export default class Ladder extends BaseStrategy<{ every: number; offset: number; size: number }> {
  static params = {
    every: { type: 'integer', default: 12, minimum: 6, maximum: 500 },
    offset: { type: 'number', default: 0.005, minimum: 0, maximum: 1, description: 'of each rung, share of the close' },
    size: { type: 'number', default: 1, minimum: 0 },
  }

  override requiredLookback() {
    return 1
  }

  override decide({ candles, index }: DecisionContext): Decision | null {
    const { every, offset, size } = this.params
    const bar = index % every
    if (bar === every - 3) return { signal: 'SELL', intent: 'close' }
    if (bar > 1) return null
    const entryPrice = candles.close[index]! * (1 - (1 + 2 * bar) * offset)
    return { signal: 'BUY', intent: 'open', size, entryType: 'limit', entryPrice, expiresAfterBars: every - 5 }
  }
}
