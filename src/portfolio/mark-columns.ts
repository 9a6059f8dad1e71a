import { intervalMs, type Interval } from '../candles/interval.ts'
import type { CandleSeries } from '../candles/series.ts'

/** Prices by which positions are liquidated, one a row of the base series. */
export interface MarkColumns {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  /** 1: by mark candles. */
  readonly covered: Uint8Array
}

/**
 * Mark prices of the rows of `base`: of mark candles (interval at most the base's) where they cover the whole bar, else
 * the bar's own prices (L3). Null: no mark candles.
 */
export function createMarkColumns(base: CandleSeries, marks: CandleSeries | null): MarkColumns | null {
  if (marks === null || marks.rows === 0) return null
  const columns = {
    open: base.open.slice(0, base.rows),
    high: base.high.slice(0, base.rows),
    low: base.low.slice(0, base.rows),
    close: base.close.slice(0, base.rows),
    covered: new Uint8Array(base.rows),
  }
  if (!isUsableMark(base.interval, marks.interval)) return null
  const part = intervalMs(marks.interval)!
  const parts = intervalMs(base.interval)! / part
  let at = 0
  for (let row = 0; row < base.rows; row++) {
    const start = base.time[row]!
    while (at < marks.rows && marks.time[at]! < start) at += 1
    const last = at + parts - 1
    // Ascending times on their grid: the last one in its place means that all are there.
    if (last >= marks.rows || marks.time[at] !== start || marks.time[last] !== start + (parts - 1) * part) continue
    columns.covered[row] = 1
    columns.open[row] = marks.open[at]!
    columns.close[row] = marks.close[last]!
    let high = marks.high[at]!
    let low = marks.low[at]!
    for (let i = at + 1; i <= last; i++) {
      high = Math.max(high, marks.high[i]!)
      low = Math.min(low, marks.low[i]!)
    }
    columns.high[row] = high
    columns.low[row] = low
  }
  return columns
}

/** Whether mark candles of an interval can stand for bars of another: they divide them. */
export function isUsableMark(base: Interval, mark: Interval): boolean {
  const [length, part] = [intervalMs(base), intervalMs(mark)]
  return length !== null && part !== null && length % part === 0
}
