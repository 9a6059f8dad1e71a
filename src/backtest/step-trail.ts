/*
 * Trailing stops (F5). At the end of each bar the extreme of a lot, or of a resting exit that trails, follows the bar, and its stop follows the extreme; it
 * acts from the next bar on and never loosens. The extreme is a level of the book, so bars that do not reach it are quiet.
 */
import { priceInDirection } from '../execution/rounding.ts'
import { trailingStop } from '../policies/stop-level.ts'
import type { Lot, SymbolBook } from '../portfolio/book.ts'
import { liveRowAt } from '../portfolio/symbol-market.ts'
import { updateBook } from './book-state.ts'
import type { TimelineState } from './timeline-state.ts'

/** After the path: trailing stops of the bars that began at this instant move. */
export function trailStep(state: TimelineState): void {
  for (const book of state.held) {
    if (!book.isTrailing) continue
    const row = liveRowAt(book.market, state.slot)
    if (row < 0) continue
    const { high, low, close } = book.market
    const extreme = book.side > 0 ? high[row]! : low[row]!
    const reached = state.trailsByClose ? close[row]! : extreme
    const lots = follow(state, book, reached)
    if (followWithExits(book, reached) || lots) updateBook(state, book)
  }
}

function follow(state: TimelineState, book: SymbolBook, reached: number): boolean {
  let moved = false
  for (const lot of book.lots) {
    if (!(lot.side * reached > lot.side * lot.extreme) || (lot.slot === state.slot && lot.onPath)) continue
    lot.extreme = reached
    moveStop(book, lot)
    moved = true
  }
  return moved
}

/** Those that are there began to work before the bar did. */
function followWithExits(book: SymbolBook, reached: number): boolean {
  const { side, rules } = book
  let moved = false
  for (const exit of book.exits) {
    if (!(side * reached > side * exit.extreme)) continue
    exit.extreme = reached
    const { trailDistance, trailPct } = exit.proposal
    const level = priceInDirection(trailingStop({ side, trailDistance, trailPct }, reached), -side, rules.tick)
    if (side * level > side * exit.price) exit.price = level
    moved = true
  }
  return moved
}

function moveStop(book: SymbolBook, lot: Lot): void {
  const level = priceInDirection(trailingStop(lot.proposal, lot.extreme), -lot.side, book.rules.tick)
  if (!(lot.side * level <= lot.side * lot.sl)) {
    lot.sl = level
    lot.trails = true
  }
}
