import type { SymbolBook } from '../portfolio/book.ts'
import { isContiguous } from '../portfolio/symbol-market.ts'
import type { TimelineState } from './timeline-state.ts'

/** Whether a resting limit that the open of `row` has passed fills at its limit, not at that open (F2). */
export function restsAtLimit(state: TimelineState, book: SymbolBook, row: number): boolean {
  return state.input.config.execution.restingLimit === 'limit' && isContiguous(book.market, state.slot, row)
}
