/*
 * Detail candles (F7): shorter candles of the same symbol, by which bars are booked. A bar is covered if all of its detail
 * candles are there; its high and low are then theirs, and open and close stay its own.
 */
import { intervalMs, slotOf, slotOpen, type Interval } from './interval.ts'
import type { CandleSeries } from './series.ts'

/** Detail candles held against the rows of a series. */
export interface DetailMatch {
  /** First detail row of each row; −1: it is not covered. */
  readonly first: Int32Array
  /** How many detail rows a covered row has. */
  readonly parts: Int32Array
  /** Rows that are covered, and those of them whose own high or low was another. */
  readonly covered: number
  readonly differing: number
  /** The series with the highs and lows of its covered rows replaced; its other columns are shared. */
  readonly series: CandleSeries
}

/** Whether bars of `interval` can be made of candles of `detail`, which are shorter. */
export function isUsableDetail(interval: Interval, detail: Interval): boolean {
  const [length, part] = [intervalMs(interval), intervalMs(detail)]
  if (part === null) return false
  // Months are whole days
  if (length === null) return detail !== '1w'
  return part < length && length % part === 0
}

/** Matches detail candles (isUsableDetail) with the rows of a series. Linear in both. */
export function matchDetail(base: CandleSeries, detail: CandleSeries): DetailMatch {
  const first = new Int32Array(base.rows).fill(-1)
  const parts = new Int32Array(base.rows)
  const high = base.high.slice(0, base.rows)
  const low = base.low.slice(0, base.rows)
  const part = intervalMs(detail.interval)!
  let covered = 0
  let differing = 0
  let at = 0
  for (let row = 0; row < base.rows; row++) {
    const start = base.time[row]!
    const end = slotOpen(base.interval, slotOf(base.interval, start) + 1)
    while (at < detail.rows && detail.time[at]! < start) at += 1
    const count = (end - start) / part
    const last = at + count - 1
    // Ascending times on their grid: the last one in its place means that all are there.
    if (last >= detail.rows || detail.time[at] !== start || detail.time[last] !== end - part) continue
    first[row] = at
    parts[row] = count
    covered += 1
    let top = Math.max(base.open[row]!, base.close[row]!)
    let bottom = Math.min(base.open[row]!, base.close[row]!)
    for (let i = at; i <= last; i++) {
      top = Math.max(top, detail.high[i]!)
      bottom = Math.min(bottom, detail.low[i]!)
    }
    if (top !== high[row] || bottom !== low[row]) differing += 1
    high[row] = top
    low[row] = bottom
  }
  return { first, parts, covered, differing, series: { ...base, high, low } }
}
