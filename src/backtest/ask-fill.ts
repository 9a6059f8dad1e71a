import type { FillAsk } from '../policies/fill-price.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import { MAKER } from './record-codes.ts'
import { ORDER_TYPES } from './records.ts'
import type { TimelineState } from './timeline-state.ts'

/** What of a fill `state.fill` does not say. */
export interface FillFacts extends Pick<FillAsk, 'row' | 'kind' | 'quantity' | 'limit' | 'isReserved'> {
  /** Index into ORDER_TYPES. */
  readonly type: number
  /** 1: buys, −1: sells. */
  readonly side: number
}

/** Code of the user may price the fill that `state.fill` describes. */
export function askFill(state: TimelineState, book: SymbolBook, { type, side, ...facts }: FillFacts): void {
  const { pricing, fill } = state
  if (pricing.fill === null || facts.quantity === 0) return
  fill.price = pricing.fill.price({
    ...facts,
    symbol: book.index,
    side: side > 0 ? 'buy' : 'sell',
    type: ORDER_TYPES[type] as FillAsk['type'],
    gross: fill.gross,
    price: fill.price,
    liquidity: fill.liquidity === MAKER ? 'maker' : 'taker',
  })
}
