import type { Lot } from '../portfolio/book.ts'
import { quantityOf } from '../portfolio/money.ts'
import type { TimelineState } from './timeline-state.ts'

/** A closed trade, for sizing: only as many as it looks back on. */
export function noteTrade(state: TimelineState, lot: Lot): void {
  const { returns } = state.history
  if (returns.length === state.sizing.window) returns.shift()
  const staked = quantityOf(lot.largestUnits, state.books[lot.proposal.symbol]!.rules) * lot.entry
  returns.push(lot.net / staked)
}
