/**
 * The built-in strategies once more, as a user writes them from the formulas in docs/strategies.md: state carried in fields,
 * brought up to the bar from the first loaded one. Each must decide exactly as its built-in does.
 */
const twin = (lookback: string, fields: string, step: string, decide: string): string => `
import { BaseStrategy } from 'hotcell'
export default class Twin extends BaseStrategy {
  static params = {
    fast: { type: 'integer', default: 0 }, slow: { type: 'integer', default: 0 }, peak: { type: 'integer', default: 0 },
    period: { type: 'integer', default: 0 }, lookback: { type: 'integer', default: 0 },
    oversold: { type: 'number', default: 0 }, overbought: { type: 'number', default: 0 }, threshold: { type: 'number', default: 0 },
  }
  row = -1
  ${fields}
  requiredLookback() { const p = this.params; return ${lookback} }
  step(close, i, p) { ${step} }
  decide({ candles: { close }, index }) {
    const p = this.params
    while (this.row < index) this.step(close, ++this.row, p)
    ${decide}
    return null
  }
}`

const EMA = `ema(state, x, n) {
    if (state.taken < n) {
      state.value += x
      state.taken++
      if (state.taken === n) state.value /= n
    } else state.value += 2 / (n + 1) * (x - state.value)
    return state.taken < n ? NaN : state.value
  }`

export const BUILTIN_TWINS: Readonly<Record<string, string>> = {
  BuyAndHold: twin('0', 'done = false', '', `if (!this.done) { this.done = true; return { signal: 'BUY' } }`),
  SmaCrossover: twin(
    'p.slow',
    `f = [0, 0]; s = [0, 0]
  mean(pair, close, i, n) {
    if ((i + 1) % n === 0) {
      let sum = 0
      for (let k = i - n + 1; k <= i; k++) sum += close[k]
      this.sums[n] = sum
    } else if (i >= n) this.sums[n] = this.sums[n] + close[i] - close[i - n]
    pair[0] = pair[1]
    pair[1] = i < n - 1 ? NaN : this.sums[n] / n
  }
  sums = {}`,
    'this.mean(this.f, close, i, p.fast); this.mean(this.s, close, i, p.slow)',
    `if (this.f[0] <= this.s[0] && this.f[1] > this.s[1]) return { signal: 'BUY' }
    if (this.f[0] >= this.s[0] && this.f[1] < this.s[1]) return { signal: 'SELL' }`,
  ),
  RsiMeanReversion: twin(
    'p.period + 1',
    'g = 0; l = 0; before = NaN; now = NaN',
    `if (i === 0) return
    const d = close[i] - close[i - 1]
    const up = d > 0 ? d : 0
    const down = d < 0 ? -d : 0
    const n = p.period
    if (i <= n) { this.g += up; this.l += down; if (i === n) { this.g /= n; this.l /= n } }
    else { this.g = (this.g * (n - 1) + up) / n; this.l = (this.l * (n - 1) + down) / n }
    this.before = this.now
    this.now = i < n ? NaN : this.g + this.l === 0 ? 50 : 100 * this.g / (this.g + this.l)`,
    `if (this.before <= p.oversold && this.now > p.oversold) return { signal: 'BUY' }
    if (this.before >= p.overbought && this.now < p.overbought) return { signal: 'SELL' }`,
  ),
  Momentum: twin(
    'p.lookback + 1',
    '',
    '',
    `const before = close[index - 1] / close[index - 1 - p.lookback] - 1
    const now = close[index] / close[index - p.lookback] - 1
    if (before <= p.threshold && now > p.threshold) return { signal: 'BUY' }
    if (before >= -p.threshold && now < -p.threshold) return { signal: 'SELL' }`,
  ),
  PeakEmaReversal: twin(
    'Math.max(p.slow, p.fast + p.peak - 1)',
    `e = []; s = []; fastState = { taken: 0, value: 0 }; slowState = { taken: 0, value: 0 }
  ${EMA}`,
    'this.e.push(this.ema(this.fastState, close[i], p.fast)); this.s.push(this.ema(this.slowState, close[i], p.slow))',
    `const { e, s } = this
    const last = e.slice(index - p.peak, index)
    const turn = e[index - 1]
    if (e[index - 2] > turn && turn < e[index] && turn === Math.min(...last) && turn < s[index - 1]) return { signal: 'BUY' }
    if (e[index - 2] < turn && turn > e[index] && turn === Math.max(...last) && turn > s[index - 1]) return { signal: 'SELL' }`,
  ),
  Ensemble: `
import { BaseStrategy, Momentum, RsiMeanReversion, SmaCrossover } from 'hotcell'
export default class Twin extends BaseStrategy {
  static params = {
    strategies: { type: 'string', default: '' }, weights: { type: 'string', default: '' }, threshold: { type: 'number', default: 0 },
  }
  members = [new SmaCrossover({ fast: 3, slow: 8 }), new RsiMeanReversion({ period: 5, oversold: 45, overbought: 55 }), new Momentum({ lookback: 4 })]
  weights = this.params.weights === '' ? [1, 1, 1] : this.params.weights.split(',').map(Number)
  requiredLookback() { return Math.max(...this.members.map((one) => one.requiredLookback())) }
  decide(context) {
    const signals = this.members.map((one) => one.decide(context)?.signal)
    const sum = signals.reduce((total, signal, i) => total + (signal === 'BUY' ? this.weights[i] : signal === 'SELL' ? -this.weights[i] : 0), 0)
    return sum === 0 || Math.abs(sum) < this.params.threshold ? null : { signal: sum > 0 ? 'BUY' : 'SELL' }
  }
}`,
}
