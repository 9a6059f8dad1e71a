import { intervalMs, slotOpen, type Interval } from '../candles/interval.ts'
import type { Window } from '../backtest/window.ts'

const DAY_MS = 86_400_000

/** Daily points of a run: entry 0 of `equity` is E0, entry k the last E of day `time[k]`. */
export interface DailySeries {
  /** Start of each day (ms UTC); entry 0 is the open of the window, where E0 stands. */
  readonly time: Float64Array
  readonly equity: Float64Array
}

/**
 * E0, then the last E of each UTC day of the window (24/7: every day; a day on which no bar ends keeps the E before it).
 * A bar [t, t+Δ) belongs to the day of t+Δ−1 ms. `equity[k]` is E at the close of the window's bar k.
 */
export function dailySeries(options: {
  interval: Interval
  window: Window
  initialCash: number
  equity: Float64Array
}): DailySeries {
  const { interval, window, initialCash, equity } = options
  const firstDay = Math.floor(window.start / DAY_MS)
  const days = Math.floor((window.end - 1) / DAY_MS) - firstDay + 1
  const time = new Float64Array(days + 1)
  const values = new Float64Array(days + 1)
  time[0] = window.start
  values[0] = initialCash
  const ms = intervalMs(interval)
  const closeOf = (bar: number) =>
    ms === null ? slotOpen(interval, window.firstSlot + bar + 1) : window.start + (bar + 1) * ms
  let bar = 0
  let last = initialCash
  for (let d = 1; d <= days; d++) {
    const nextDay = (firstDay + d) * DAY_MS
    while (bar < equity.length && closeOf(bar) <= nextDay) last = equity[bar++]!
    time[d] = nextDay - DAY_MS
    values[d] = last
  }
  return { time, equity: values }
}

/** r_t = E_t / E_{t−1} − 1 over a series that begins with E0. */
export function returnsOf(equity: Float64Array): Float64Array {
  const returns = new Float64Array(equity.length > 0 ? equity.length - 1 : 0)
  for (let t = 1; t < equity.length; t++) returns[t - 1] = equity[t]! / equity[t - 1]! - 1
  return returns
}
