import { slotOf, slotOpen, type Interval } from '../candles/interval.ts'
import type { CandleSeries } from '../candles/series.ts'

/** The bars of a run on the 24/7 grid: bar numbers `firstSlot` (inclusive) to `endSlot` (exclusive). */
export interface Window {
  readonly firstSlot: number
  readonly endSlot: number
  /** Open of the first bar and close of the last one, ms UTC. */
  readonly start: number
  readonly end: number
}

/** First row with time >= `time`. */
export function lowerBound(column: Float64Array, rows: number, time: number): number {
  let low = 0
  let high = rows
  while (low < high) {
    const middle = (low + high) >>> 1
    if (column[middle]! < time) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Window of a run (SHAPES 1): bars with open >= start and close <= end. A null start is the earliest open, over the
 * symbols, that has the lookback before it; a null end is the latest close. Both sides of the cell compute it from the
 * series with this function. Null: no bar lies in it (`data_unavailable(empty_range)`).
 */
export function resolveWindow(options: {
  interval: Interval
  start: number | null
  end: number | null
  lookback: number
  series: readonly CandleSeries[]
}): Window | null {
  const { interval, lookback, series } = options
  let start = options.start
  let end = options.end
  if (start === null) {
    for (const s of series) {
      if (s.rows <= lookback) continue
      const open = s.time[lookback]!
      if (start === null || open < start) start = open
    }
  }
  if (end === null) {
    for (const s of series) {
      if (s.rows === 0) continue
      const close = slotOpen(interval, slotOf(interval, s.time[s.rows - 1]!) + 1)
      if (end === null || close > end) end = close
    }
  }
  if (start === null || end === null) return null
  const containing = slotOf(interval, start)
  const firstSlot = slotOpen(interval, containing) >= start ? containing : containing + 1
  const endSlot = slotOf(interval, end)
  if (endSlot <= firstSlot) return null
  return { firstSlot, endSlot, start: slotOpen(interval, firstSlot), end: slotOpen(interval, endSlot) }
}

/** Rows of a series that a run loads: exactly `lookback` rows before the window (fewer if there are fewer), then the window's. */
export function loadedRows(
  series: CandleSeries,
  window: Window,
  lookback: number,
): { from: number; to: number; firstInWindow: number } {
  const first = lowerBound(series.time, series.rows, window.start)
  const to = lowerBound(series.time, series.rows, window.end)
  const from = first - lookback > 0 ? first - lookback : 0
  return { from, to, firstInWindow: first - from }
}
