import { BaseStrategy, type Decision, type DecisionContext } from 'hotcell'

/**
 * Two symbols that move together: r = log(A / B) against its mean over `length` instants, in standard deviations. Buys the one that
 * has become cheap against the other and sells it when the ratio is back at its mean.
 */
export default class PairsTrading extends BaseStrategy<{ length: number; enter: number }> {
  static params = {
    length: { type: 'integer', default: 240, minimum: 10, maximum: 5000 },
    enter: { type: 'number', default: 2, minimum: 0.5, maximum: 6, description: 'deviations at which it buys' },
  }

  private readonly ratios: number[] = []

  /** Symbols by two, in the order of the alphabet; one that is left over is not traded. */
  override workUnits(symbols: string[]) {
    const pairs: string[][] = []
    for (let i = 0; i + 1 < symbols.length; i += 2) pairs.push([symbols[i]!, symbols[i + 1]!])
    return pairs
  }

  override decide({ symbols, frames }: DecisionContext): Decision[] | null {
    const [a, b] = [frames[symbols[0]!]!, frames[symbols[1]!]!]
    // A ratio of prices of different instants says nothing
    if (!a.fresh || !b.fresh) return null
    const ratio = Math.log(a.close[a.index]! / b.close[b.index]!)
    this.ratios.push(ratio)
    if (this.ratios.length <= this.params.length) return null
    this.ratios.shift()
    const mean = this.ratios.reduce((sum, one) => sum + one, 0) / this.ratios.length
    const variance = this.ratios.reduce((sum, one) => sum + (one - mean) ** 2, 0) / this.ratios.length
    const score = (ratio - mean) / Math.sqrt(variance)
    const [first, second] = [symbols[0]!, symbols[1]!]
    const decisions: Decision[] = []
    if (score > this.params.enter) decisions.push({ signal: 'BUY', symbol: second, confidence: 0.5 })
    if (score < -this.params.enter) decisions.push({ signal: 'BUY', symbol: first, confidence: 0.5 })
    if (score >= 0) decisions.push({ signal: 'SELL', symbol: first })
    if (score <= 0) decisions.push({ signal: 'SELL', symbol: second })
    return decisions
  }
}
