import type { SymbolBook } from './book.ts'
import type { WorkingOrder } from './orders.ts'

/** What of an order fills in a bar: `units` 0: nothing. */
export interface Executed {
  readonly units: number
  /** Average, quote currency. */
  readonly price: number
}

/** Says what of `units` of an order, which its bar has room for, fills in the bar `row` of its symbol (F13). */
export type Executor = (book: SymbolBook, order: WorkingOrder, bar: { row: number; units: number }) => Executed
