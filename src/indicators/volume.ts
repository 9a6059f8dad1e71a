import type { IndicatorInput, IndicatorKernel } from './kernel.ts'

/**
 * OBV: 0 at the first loaded row; then + volume where the close rose, - volume where it fell, unchanged where it did not
 * move. Its level depends on where loading began, its changes do not.
 */
export function makeObv(input: IndicatorInput): IndicatorKernel {
  const { close, volume } = input
  let total = 0
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      let sum = total
      for (let i = from; i < to; i++) {
        const now = close[i]!
        const before = i > 0 ? close[i - 1]! : now
        // Without a branch on what no processor can foresee; 0 · volume changes no sum
        sum += (Number(now > before) - Number(now < before)) * volume[i]!
        out[i - base] = sum
      }
      total = sum
    },
  }
}

const DAY_MS = 86_400_000

/** First days of weeks are Mondays; 1970-01-01 was a Thursday. */
const ANCHORS: Readonly<Record<string, (time: number) => number>> = {
  day: (time) => Math.floor(time / DAY_MS),
  week: (time) => Math.floor((time / DAY_MS + 3) / 7),
  none: () => 0,
}

/**
 * VWAP: Σ typical·volume / Σ volume with typical = (high + low + close) / 3, both sums left to right from the first loaded
 * row that opened in the same UTC day or week (`anchor`; `none`: from the first loaded row). NaN while no volume has been
 * traded since. O(1) per row.
 */
export function makeVwap(input: IndicatorInput, options: { anchor: string }): IndicatorKernel {
  const { time, high, low, close, volume } = input
  const periodOf = ANCHORS[options.anchor]!
  let period = Number.NaN
  let money = 0
  let traded = 0
  return {
    advance({ from, to, base }, outputs) {
      const out = outputs[0]!
      for (let i = from; i < to; i++) {
        const now = periodOf(time[i]!)
        if (now !== period) {
          period = now
          money = 0
          traded = 0
        }
        money += ((high[i]! + low[i]! + close[i]!) / 3) * volume[i]!
        traded += volume[i]!
        out[i - base] = traded === 0 ? Number.NaN : money / traded
      }
    },
  }
}
