import { intervalMs, slotOpen, type Interval } from '../candles/interval.ts'
import type { Window } from '../backtest/window.ts'
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

/** √(mean(dd²)) over daily points, E0 included. */
export function ulcerIndex(daily: Float64Array): number {
  const falls = drawdownSeries(daily[0]!, daily)
  let squares = 0
  for (let t = 0; t < falls.length; t++) squares += falls[t]! * falls[t]!
  return Math.sqrt(squares / falls.length)
}

/**
 * The longest time from a peak to the first E that is not below it again, ms, on base bars; E0 stands at the first open.
 * `open`: it lasts at the end of the window still. 0: equity never fell.
 */
export function longestDrawdown(options: {
  readonly interval: Interval
  readonly window: Window
  readonly initialCash: number
  readonly equity: Float64Array
}): { readonly ms: number; readonly open: boolean } {
  const { interval, window, initialCash, equity } = options
  const ms = intervalMs(interval)
  const closeOf = (bar: number) =>
    ms === null ? slotOpen(interval, window.firstSlot + bar + 1) : window.start + (bar + 1) * ms
  let peak = initialCash
  let peakAt = window.start
  let below = false
  let longest = 0
  for (let bar = 0; bar < equity.length; bar++) {
    const value = equity[bar]!
    if (value / peak - 1 < -EPSILON) {
      below = true
      continue
    }
    const at = closeOf(bar)
    if (below && at - peakAt > longest) longest = at - peakAt
    below = false
    if (value >= peak) {
      peak = value
      peakAt = at
    }
  }
  const lasting = below ? window.end - peakAt : 0
  return lasting > longest ? { ms: lasting, open: true } : { ms: longest, open: false }
}
