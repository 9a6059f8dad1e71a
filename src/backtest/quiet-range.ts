/*
 * Theory of operation: a symbol with brackets or resting orders needs its bars looked at only where a bar reaches one of
 * its levels, or where it has no live bar while an order waits. The search goes forward in blocks that grow, and each book
 * remembers up to where it is known to be quiet, so that no bar is searched twice while its levels stand.
 */
import type { SymbolBook } from '../portfolio/book.ts'
import type { SymbolMarket } from '../portfolio/symbol-market.ts'
import { nextFundingSlot } from './perp-funding.ts'
import type { TimelineState } from './timeline-state.ts'

const FIRST_BLOCK = 64
const LARGEST_BLOCK = 8192

/** First slot from `slot` on whose steps 4 to 7 may do something, at most `limit`. Books are quiet up to `slot`. */
export function nextBusySlot(state: TimelineState, slot: number, limit: number): number {
  if (state.pending.length > 0 || state.closes.length > 0 || state.asking.length > 0) return slot
  if (state.exitLegs.length > 0) return slot
  const { watched, perp } = state
  let end = limit
  if (perp !== null && state.held.length > 0) {
    if (perp.isCross) return slot
    end = nextFundingSlot(perp, slot, limit)
  }
  for (let i = 0; i < watched.length && end > slot; i++) end = quietUntil(watched[i]!, slot, end)
  return end
}

/** Whether the mark of a row reaches the liquidation price. */
export function reachesLiquidation(book: SymbolBook, row: number): boolean {
  const { high, low } = book.marks ?? book.market
  return book.side > 0 ? low[row]! <= book.liquidation : high[row]! >= book.liquidation
}

/** Orders that count the bars which they wait. */
function hasOrders(book: SymbolBook): boolean {
  return book.working.length > 0 || book.exits.length > 0
}

function quietUntil(book: SymbolBook, slot: number, limit: number): number {
  let at = book.quietBefore > slot ? book.quietBefore : slot
  let block = FIRST_BLOCK
  while (at < limit) {
    const market = book.market
    const segment = segmentAhead(market, at)
    const start = market.segmentSlot[segment]!
    const end = start + market.segmentLength[segment]!
    if (at < start || at >= end) {
      if (hasOrders(book)) break
      at = at < start && start < limit ? start : limit
      continue
    }
    const stop = Math.min(limit, end, at + block)
    const found = scan(book, { from: at, to: stop, shift: market.segmentRow[segment]! - start })
    at = found
    if (found < stop) break
    block = Math.min(2 * block, LARGEST_BLOCK)
  }
  book.quietBefore = at
  return at < limit ? at : limit
}

/** Segment that holds `slot`, or the next one after it, or the last; leaves the market's cursor alone. */
function segmentAhead(market: SymbolMarket, slot: number): number {
  let segment = market.cursor
  const last = market.segmentSlot.length - 1
  while (segment < last && market.segmentSlot[segment]! + market.segmentLength[segment]! <= slot) segment += 1
  return segment
}

/** First slot of the range whose bar reaches a level, or is not live while the levels of orders count the bars. */
function scan(book: SymbolBook, range: { from: number; to: number; shift: number }): number {
  const { high, low, volume, volumeless } = book.market
  const { upLevel, downLevel } = book
  const { from, to, shift } = range
  if (book.marks !== null && book.liquidation === book.liquidation) return scanMarks(book, range)
  if (volumeless || !hasOrders(book)) return scanLevels({ high, low, upLevel, downLevel, from, to, shift })
  for (let slot = from; slot < to; slot++) {
    const row = slot + shift
    if (high[row]! >= upLevel || low[row]! <= downLevel || !(volume[row]! > 0)) return slot
  }
  return to
}

/** As scan with mark candles: their columns are looked at too. */
function scanMarks(book: SymbolBook, range: { from: number; to: number; shift: number }): number {
  const { high, low, volume, volumeless } = book.market
  const { upLevel, downLevel } = book
  const isWaiting = !volumeless && hasOrders(book)
  for (let slot = range.from; slot < range.to; slot++) {
    const row = slot + range.shift
    if (high[row]! >= upLevel || low[row]! <= downLevel || reachesLiquidation(book, row)) return slot
    if (isWaiting && !(volume[row]! > 0)) return slot
  }
  return range.to
}

function scanLevels(range: {
  high: Float64Array
  low: Float64Array
  upLevel: number
  downLevel: number
  from: number
  to: number
  shift: number
}): number {
  const { high, low, upLevel, downLevel, from, to, shift } = range
  for (let slot = from; slot < to; slot++) {
    if (high[slot + shift]! >= upLevel || low[slot + shift]! <= downLevel) return slot
  }
  return to
}
