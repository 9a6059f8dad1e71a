/*
 * Where market orders take (F1): the open of their bar, or with `marketFill: same_close` the close before it, which is the
 * close that the decision was made at if nothing came between. The bar is then that of the close, for slippage too.
 */
import type { SymbolBook } from '../portfolio/book.ts'
import type { TimelineState } from './timeline-state.ts'

/** Row of the bar that a market order takes from, if its bar is `row`. */
export function marketRow(state: TimelineState, row: number): number {
  return state.takesCloses ? row - 1 : row
}

/** Gross price of a market order whose bar is `row`. */
export function marketGross(state: TimelineState, book: SymbolBook, row: number): number {
  return state.takesCloses ? book.market.close[row - 1]! : book.market.open[row]!
}
