import { BaseStrategy, type Decision, type DecisionContext, type FitHistory } from 'hotcell'

/**
 * Learns by least squares how the next return follows from the last one and from the return over a day, and buys while the
 * forecast is above the costs. Learnt anew every week from the bars that have closed.
 */
export default class RefitRegression extends BaseStrategy<{ window: number; costs: number }> {
  static params = {
    window: { type: 'integer', default: 720, minimum: 50, maximum: 20_000, description: 'bars it learns from' },
    costs: { type: 'number', default: 0.0002, minimum: 0, maximum: 0.1, description: 'least forecast return' },
  }

  override refitEvery = 168
  private weights = { base: 0, last: 0, day: 0 }

  override requiredLookback() {
    return this.params.window + 25
  }

  override fit({ candles }: FitHistory) {
    const close = candles.close.slice(-this.params.window - 25)
    let [n, sx, sy, sz, sxx, syy, sxy, sxz, syz] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
    for (let i = 24; i + 1 < close.length; i++) {
      const x = close[i]! / close[i - 1]! - 1
      const y = close[i]! / close[i - 24]! - 1
      const z = close[i + 1]! / close[i]! - 1
      n++
      sx += x
      sy += y
      sz += z
      sxx += x * x
      syy += y * y
      sxy += x * y
      sxz += x * z
      syz += y * z
    }
    const [cxx, cyy, cxy] = [sxx - (sx * sx) / n, syy - (sy * sy) / n, sxy - (sx * sy) / n]
    const [cxz, cyz] = [sxz - (sx * sz) / n, syz - (sy * sz) / n]
    const determinant = cxx * cyy - cxy * cxy
    if (!(determinant > 0)) return
    const last = (cxz * cyy - cyz * cxy) / determinant
    const day = (cyz * cxx - cxz * cxy) / determinant
    this.weights = { base: (sz - last * sx - day * sy) / n, last, day }
  }

  override decide({ candles: { close }, index }: DecisionContext): Decision | null {
    const { base, last, day } = this.weights
    const x = close[index]! / close[index - 1]! - 1
    const y = close[index]! / close[index - 24]! - 1
    const forecast = base + last * x + day * y
    if (forecast > this.params.costs) return { signal: 'BUY', meta: { forecast } }
    return forecast < 0 ? { signal: 'SELL' } : null
  }
}
