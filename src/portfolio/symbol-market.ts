/*
 * Theory of operation: a run counts slots of the 24/7 grid, a series has one row a real bar. The rows are cut into
 * segments without gaps, so that between gaps slot -> row is one addition and loops run over rows. Lookups go forward
 * only: a cursor stands on the segment of the last slot asked for. Slots of lookback rows are negative.
 */
import { intervalMs, slotOf } from '../candles/interval.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { Window } from '../backtest/window.ts'

export interface SymbolMarket {
  readonly series: CandleSeries
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
  /** Whether no loaded row has volume: then every real bar may fill (T5). */
  readonly volumeless: boolean
  /** First slot, first row and length of each segment. */
  readonly segmentSlot: Int32Array
  readonly segmentRow: Int32Array
  readonly segmentLength: Int32Array
  /** Slot of the last loaded row; −1 if there is none. */
  readonly lastSlot: number
  cursor: number
  /** Answer of liveRowAt for the slot asked last. */
  askedSlot: number
  askedRow: number
}

/** Slot numbers of all rows, relative to the window, or null if the rows are one segment. */
function rowSlots(series: CandleSeries, window: Window): { first: number; slots: Int32Array | null } {
  const { rows, time, interval } = series
  if (rows === 0) return { first: 0, slots: null }
  const ms = intervalMs(interval)
  const first = slotOf(interval, time[0]!) - window.firstSlot
  if (ms !== null && (rows - 1) * ms === time[rows - 1]! - time[0]!) return { first, slots: null }
  const slots = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const at = time[row]!
    slots[row] = ms === null ? slotOf(interval, at) - window.firstSlot : Math.round((at - window.start) / ms)
  }
  return { first, slots }
}

function firstTraded(volume: Float64Array, rows: number): number {
  for (let row = 0; row < rows; row++) if (volume[row]! > 0) return row
  return -1
}

export function createSymbolMarket(series: CandleSeries, window: Window): SymbolMarket {
  const { first, slots } = rowSlots(series, window)
  const starts: number[] = series.rows > 0 ? [0] : []
  if (slots !== null) {
    for (let row = 1; row < series.rows; row++) if (slots[row]! !== slots[row - 1]! + 1) starts.push(row)
  }
  const segmentRow = Int32Array.from(starts)
  const slotAt = (row: number): number => (slots === null ? first + row : slots[row]!)
  return {
    series,
    open: series.open,
    high: series.high,
    low: series.low,
    close: series.close,
    volume: series.volume,
    volumeless: firstTraded(series.volume, series.rows) < 0,
    segmentSlot: Int32Array.from(starts, slotAt),
    segmentRow,
    segmentLength: Int32Array.from(starts, (row, i) => (starts[i + 1] ?? series.rows) - row),
    lastSlot: series.rows > 0 ? slotAt(series.rows - 1) : -1,
    cursor: 0,
    askedSlot: -1,
    askedRow: -1,
  }
}

/** Moves the cursor to the last segment that begins at or before `slot`, or the first one. Slots may only grow. */
export function seekSegment(market: SymbolMarket, slot: number): number {
  const last = market.segmentSlot.length - 1
  while (market.cursor < last && market.segmentSlot[market.cursor + 1]! <= slot) market.cursor += 1
  return market.cursor
}

/** Row of the real bar in a slot, −1 if there is none. */
export function rowAt(market: SymbolMarket, slot: number): number {
  if (market.segmentSlot.length === 0) return -1
  const segment = seekSegment(market, slot)
  const offset = slot - market.segmentSlot[segment]!
  return offset >= 0 && offset < market.segmentLength[segment]! ? market.segmentRow[segment]! + offset : -1
}

/** Row of the live bar in a slot (a real bar that may fill), −1 if there is none. */
export function liveRowAt(market: SymbolMarket, slot: number): number {
  if (market.askedSlot === slot) return market.askedRow
  const row = rowAt(market, slot)
  market.askedSlot = slot
  market.askedRow = row >= 0 && (market.volumeless || market.volume[row]! > 0) ? row : -1
  return market.askedRow
}

/** Whether the bar of the slot before `slot` was live too; `row` is the live row of `slot`. */
export function isContiguous(market: SymbolMarket, slot: number, row: number): boolean {
  const segment = seekSegment(market, slot)
  if (slot - 1 < market.segmentSlot[segment]!) return false
  return market.volumeless || market.volume[row - 1]! > 0
}

/** Slot of a row; rows ascending within a market need no order. */
export function slotOfRow(market: SymbolMarket, row: number): number {
  let low = 0
  let high = market.segmentRow.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (market.segmentRow[middle]! <= row) low = middle
    else high = middle - 1
  }
  return market.segmentSlot[low]! + (row - market.segmentRow[low]!)
}

/** Length of the run of real bars at `slot`; negative: of slots without one. Both end at `to` at the latest. */
export function runLength(market: SymbolMarket, slot: number, to: number): number {
  const segment = seekSegment(market, slot)
  const start = market.segmentSlot[segment]!
  const end = start + market.segmentLength[segment]!
  if (slot < end && slot >= start) return (end < to ? end : to) - slot
  const next = segment + 1 < market.segmentSlot.length ? market.segmentSlot[segment + 1]! : to
  return slot - (next < to ? next : to)
}
