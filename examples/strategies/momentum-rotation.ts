import { BaseStrategy, type Decision, type DecisionContext } from 'hotcell'

/** Every `hold` bars: holds the `top` symbols with the highest return over `length` bars, those with a positive one only. */
export default class MomentumRotation extends BaseStrategy<{ length: number; hold: number; top: number }> {
  static params = {
    length: { type: 'integer', default: 20, minimum: 1, maximum: 500 },
    hold: { type: 'integer', default: 5, minimum: 1, maximum: 500 },
    top: { type: 'integer', default: 2, minimum: 1, maximum: 100 },
  }

  private instants = 0
  private held: readonly string[] = []

  override requiredLookback() {
    return this.params.length
  }

  override workUnits(symbols: string[]) {
    return [symbols]
  }

  override decide({ symbols, frames }: DecisionContext): Decision[] | null {
    const { length, hold, top } = this.params
    if (this.instants++ % hold !== 0) return null
    const returns: [string, number][] = []
    for (const symbol of symbols) {
      const { index, close } = frames[symbol]!
      const value = close[index]! / close[index - length]! - 1
      // NaN: not ready yet
      if (value > 0) returns.push([symbol, value])
    }
    const best = returns
      .sort((a, b) => b[1] - a[1])
      .slice(0, top)
      .map(([symbol]) => symbol)
    const leaving = this.held.filter((symbol) => !best.includes(symbol))
    const entering = best.filter((symbol) => !this.held.includes(symbol))
    this.held = best
    return [
      ...leaving.map((symbol): Decision => ({ signal: 'SELL', symbol })),
      ...entering.map((symbol): Decision => ({ signal: 'BUY', symbol, rank: best.length - best.indexOf(symbol) })),
    ]
  }
}
