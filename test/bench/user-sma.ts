/** The same work as the baseline, its bracket included, as a user writes it: what `decide` costs beside a loop of one's own. */
export const USER_SMA = `import { BaseStrategy } from 'hotcell'

export default class UserSma extends BaseStrategy {
  static params = {
    fast: { type: 'integer', default: 10, minimum: 1, maximum: 1000 },
    slow: { type: 'integer', default: 30, minimum: 2, maximum: 1000 },
    tpPct: { type: 'number', default: 1, minimum: 0.01, maximum: 100 },
    slPct: { type: 'number', default: 1, minimum: 0.01, maximum: 99 },
  }
  fastSum = 0
  slowSum = 0
  started = false
  wasAbove = false
  wasBelow = false

  requiredLookback() {
    return this.params.slow
  }

  decide({ candles, index }) {
    const { close } = candles
    const { fast, slow } = this.params
    if (!this.started) {
      this.started = true
      for (let i = index - slow; i < index; i++) this.slowSum += close[i]
      for (let i = index - fast; i < index; i++) this.fastSum += close[i]
      this.wasAbove = this.fastSum / fast > this.slowSum / slow
      this.wasBelow = this.fastSum / fast < this.slowSum / slow
    }
    this.fastSum += close[index] - close[index - fast]
    this.slowSum += close[index] - close[index - slow]
    const a = this.fastSum / fast
    const b = this.slowSum / slow
    const above = a > b
    const below = a < b
    const signal = above && !this.wasAbove ? 'BUY' : below && !this.wasBelow ? 'SELL' : null
    this.wasAbove = above
    this.wasBelow = below
    if (signal === null) return null
    return signal === 'SELL' ? { signal } : { signal, tpPct: this.params.tpPct, slPct: this.params.slPct }
  }
}
`

/** Methods of a strategy: two averages, by its parameters `fast` and `slow`, that the engine computes. */
export const TWO_AVERAGES = `  requiredLookback() {
    return this.params.slow
  }

  requiredIndicators() {
    const { fast, slow } = this.params
    return [{ id: 'fast', kind: 'sma', params: { period: fast } }, { id: 'slow', kind: 'sma', params: { period: slow } }]
  }
`

/** The same again with two indicators that the engine computes. */
export const USER_INDICATORS = `import { BaseStrategy } from 'hotcell'

export default class UserIndicators extends BaseStrategy {
  static params = {
    fast: { type: 'integer', default: 10, minimum: 1, maximum: 1000 },
    slow: { type: 'integer', default: 30, minimum: 2, maximum: 1000 },
    tpPct: { type: 'number', default: 1, minimum: 0.01, maximum: 100 },
    slPct: { type: 'number', default: 1, minimum: 0.01, maximum: 99 },
  }

${TWO_AVERAGES}
  decide({ index, indicators: { fast, slow } }) {
    const a = fast[index]
    const b = slow[index]
    if (a > b) {
      const { tpPct, slPct } = this.params
      return fast[index - 1] > slow[index - 1] ? null : { signal: 'BUY', tpPct, slPct }
    }
    if (a < b) return fast[index - 1] < slow[index - 1] ? null : { signal: 'SELL' }
    return null
  }
}
`
