import {
  BaseStrategy,
  TradeProposalBuilder,
  type DecisionContext,
  type IndicatorRequest,
  type TradeProposal,
} from 'hotcell'

/** Buys a fall of RSI in four parts, each a little lower, as one position with one bracket. */
export default class ScaleInDip extends BaseStrategy<{ period: number; low: number; step: number; cash: number }> {
  static params = {
    period: { type: 'integer', default: 14, minimum: 2, maximum: 200 },
    low: { type: 'number', default: 30, minimum: 0, maximum: 100, description: 'buys when RSI falls through it' },
    step: { type: 'number', default: 1, minimum: 0.1, maximum: 10, description: 'percent between the parts' },
    cash: { type: 'number', default: 4000, minimum: 1, maximum: 1e9, description: 'quote currency of all parts' },
  }

  override requiredIndicators(): IndicatorRequest[] {
    return [{ id: 'rsi', kind: 'rsi', params: { period: this.params.period } }]
  }

  override requiredLookback() {
    return 10 * this.params.period
  }

  override decide({
    symbol,
    index,
    candles,
    indicators: { rsi },
  }: DecisionContext<{ rsi: 'rsi' }>): TradeProposal | null {
    const { low, step, cash } = this.params
    if (rsi[index - 1]! < low || rsi[index]! >= low) return null
    const close = candles.close[index]!
    return new TradeProposalBuilder(symbol, cash / close, 'BUY')
      .scaleIn(4, 0, step, close)
      .bracketExit({ tpPct: 2 * step, slPct: 5 * step })
      .build()
  }
}
