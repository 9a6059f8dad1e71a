import { lowerBound, type Window } from '../backtest/window.ts'
import { slotOf, slotOpen, type Interval } from '../candles/interval.ts'
import { sliceSeries, type CandleSeries } from '../candles/series.ts'

const DAY_MS = 86_400_000

/** The rows of a benchmark that count: bars that open and close inside the window. */
export function benchmarkRows(series: CandleSeries, window: Window): CandleSeries {
  const from = lowerBound(series.time, series.rows, window.start)
  let to = lowerBound(series.time, series.rows, window.end)
  while (to > from && closeOf(series, to - 1) > window.end) to--
  return sliceSeries(series, from, to)
}

/** Close (ms UTC) of a row. */
function closeOf({ interval, time }: CandleSeries, row: number): number {
  return slotOpen(interval, slotOf(interval, time[row]!) + 1)
}

/**
 * A benchmark of its own: E0 buys it without costs at its first open in the window and holds it. At the close of each base
 * bar it is worth its last bar that has closed by then, before the first one E0. `series`: benchmarkRows.
 */
export function heldSymbolEquity(options: {
  interval: Interval
  window: Window
  initialCash: number
  series: CandleSeries
}): Float64Array {
  const { interval, window, initialCash, series } = options
  const equity = new Float64Array(window.endSlot - window.firstSlot)
  const quantity = series.rows === 0 ? 0 : initialCash / series.open[0]!
  let value = initialCash
  let row = 0
  for (let bar = 0; bar < equity.length; bar++) {
    const now = slotOpen(interval, window.firstSlot + bar + 1)
    while (row < series.rows && closeOf(series, row) <= now) value = quantity * series.close[row++]!
    equity[bar] = value
  }
  return equity
}

/** Starts (ms UTC) of the days on which the benchmark has a bar, ascending: a bar belongs to the day in which it ends. */
export function benchmarkDays(series: CandleSeries): Float64Array {
  const days: number[] = []
  for (let row = 0; row < series.rows; row++) {
    const day = Math.floor((closeOf(series, row) - 1) / DAY_MS) * DAY_MS
    if (days.at(-1) !== day) days.push(day)
  }
  return Float64Array.from(days)
}

/**
 * Of two daily series over the same days (E0 first) the points of the days that `days` names, E0 kept: the returns of both
 * then span the same time, from one joined day to the next.
 */
export function joinDays(
  daily: { readonly time: Float64Array; readonly equity: Float64Array },
  benchmark: Float64Array,
  days: Float64Array,
): { equity: Float64Array; benchmark: Float64Array } {
  const known = new Set(days)
  const kept = [...daily.time.keys()].filter((at) => at === 0 || known.has(daily.time[at]!))
  return {
    equity: Float64Array.from(kept, (at) => daily.equity[at]!),
    benchmark: Float64Array.from(kept, (at) => benchmark[at]!),
  }
}
