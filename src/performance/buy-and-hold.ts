import { intervalMs, slotOf, type Interval } from '../candles/interval.ts'
import type { CandleSeries } from '../candles/series.ts'
import { lowerBound, type Window } from '../backtest/window.ts'

/**
 * The benchmark `null` of a configuration: E0 in equal parts over the run's symbols, each part bought without costs at
 * the symbol's first open in the window and held to the end. Until that open the part is cash (a symbol listed later, or
 * never: cash throughout); in gaps and after its data end it is marked at the last close. Parts are summed in the order of
 * `series`. Returns equity at the close of each base bar, aligned with the run's own.
 */
export function buyAndHoldEquity(options: {
  interval: Interval
  window: Window
  initialCash: number
  /** Loaded series in the order of config.symbols; rows outside the window are ignored. */
  series: readonly CandleSeries[]
}): Float64Array {
  const { interval, window, initialCash, series } = options
  const bars = window.endSlot - window.firstSlot
  const equity = new Float64Array(bars)
  const part = initialCash / series.length
  for (const candles of series) addPart({ equity, candles, part, interval, window })
  return equity
}

function addPart(options: {
  equity: Float64Array
  candles: CandleSeries
  part: number
  interval: Interval
  window: Window
}): void {
  const { equity, candles, part, interval, window } = options
  const ms = intervalMs(interval)
  let row = lowerBound(candles.time, candles.rows, window.start)
  let quantity = 0
  let value = part
  for (let bar = 0; bar < equity.length; bar++) {
    if (row < candles.rows) {
      const time = candles.time[row]!
      const slot = ms === null ? slotOf(interval, time) - window.firstSlot : (time - window.start) / ms
      if (slot === bar) {
        if (quantity === 0) quantity = part / candles.open[row]!
        value = quantity * candles.close[row]!
        row++
      }
    }
    equity[bar] = equity[bar]! + value
  }
}
