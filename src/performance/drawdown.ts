import { EPSILON } from './metric.ts'

/**
 * Drawdown at each base bar: E_t / max_{s<=t} E_s − 1, in [−1, 0]; the peak begins with E0. A fall of at most 1e-12 is
 * zero.
 */
export function drawdownSeries(initialCash: number, equity: Float64Array): Float64Array {
  const drawdown = new Float64Array(equity.length)
  let peak = initialCash
  for (let t = 0; t < equity.length; t++) {
    const value = equity[t]!
    if (value > peak) peak = value
    const fall = value / peak - 1
    drawdown[t] = fall >= -EPSILON ? 0 : fall
  }
  return drawdown
}

/** The deepest drawdown of a run, 0 if there is none. */
export function maxDrawdown(initialCash: number, equity: Float64Array): number {
  let peak = initialCash
  let deepest = 0
  for (let t = 0; t < equity.length; t++) {
    const value = equity[t]!
    if (value > peak) peak = value
    const fall = value / peak - 1
    if (fall < deepest) deepest = fall
  }
  return deepest >= -EPSILON ? 0 : deepest
}
