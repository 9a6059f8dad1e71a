import type { PlainData } from './user-port.ts'
import { LIMIT, MARKET, STOP, STOP_LIMIT, type SymbolBook } from '../portfolio/book.ts'
import type { PendingClose } from '../portfolio/pending-close.ts'
import { quantityOf } from '../portfolio/money.ts'
import { ORDER_TYPES } from './records.ts'
import { orderTypeOf } from './step-admit.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Lot, Proposal } from '../portfolio/orders.ts'

const sideName = (side: number): 'long' | 'short' => (side > 0 ? 'long' : 'short')
const actionName = (side: number): 'buy' | 'sell' => (side > 0 ? 'buy' : 'sell')
/** Absent is null for the strategy, never NaN. */
const given = (value: number): number | null => (value === value && value - value === 0 ? value : null)

/** What `onBar` sees of the account: positions, lots and orders as of now, in symbol order, lots in order of opening, orders by number. */
export function portfolioView(state: TimelineState): PlainData {
  const { held, pending, working, closes, exits, input } = state
  const { symbols } = input.config
  const orders = [
    ...pending.map((one) => orderOf(one, pendingOf(one), symbols)),
    ...working.map((one) => orderOf(one.proposal, { ...one, reduceOnly: false }, symbols)),
    ...closes.map((one) => orderOf(one, closeOf(state, one), symbols)),
    ...exits.map((one) => orderOf(one.proposal, { ...one, limit: Number.NaN, reduceOnly: true }, symbols)),
  ]
  return {
    positions: held.map((book) => positionOf(book, symbols)),
    lots: held.flatMap(({ index, lots }) => lots.map((lot) => lotOf(lot, symbols[index]!))),
    orders: orders.sort((a, b) => a.id - b.id),
  }
}

function positionOf({ index, side, quantity, averageEntry }: SymbolBook, symbols: readonly string[]): PlainData {
  return { symbol: symbols[index]!, side: sideName(side), quantity, entryPrice: averageEntry }
}

function lotOf({ id, proposal, side, quantity, entry, tp, sl }: Lot, symbol: string): PlainData {
  const brackets = { tpPrice: given(tp), slPrice: given(sl) }
  return { id, order: proposal.number, symbol, side: sideName(side), quantity, entryPrice: entry, ...brackets }
}

interface OrderView {
  readonly [name: string]: PlainData
  readonly id: number
}

/** As `submit` took them: a limit has a limit price, a stop a stop price, a stop_limit both. */
function pricesOf(type: number, price: number, limit: number): { limitPrice: number | null; stopPrice: number | null } {
  if (type === LIMIT) return { limitPrice: price, stopPrice: null }
  return { limitPrice: type === STOP_LIMIT ? limit : null, stopPrice: type >= STOP ? price : null }
}

/** What an order is about, whoever holds it: `limit` NaN where it has no second price. */
interface LiveOrder {
  readonly type: number
  readonly quantity: number
  readonly price: number
  readonly limit: number
  readonly reduceOnly: boolean
}

function orderOf(
  { number, symbol, side }: { readonly number: number; readonly symbol: number; readonly side: number },
  { type, quantity, price, limit, reduceOnly }: LiveOrder,
  symbols: readonly string[],
): OrderView {
  return {
    id: number,
    symbol: symbols[symbol]!,
    side: actionName(side),
    type: ORDER_TYPES[type]!,
    quantity,
    ...pricesOf(type, price, limit),
    reduceOnly,
  }
}

function pendingOf(proposal: Proposal): LiveOrder {
  const { size: quantity, entryPrice: price, limitPrice: limit } = proposal
  return { type: orderTypeOf(proposal), quantity, price, limit, reduceOnly: false }
}

/** A close waits only while its symbol has no bar, or bars without room. */
function closeOf({ books }: TimelineState, close: PendingClose): LiveOrder {
  const book = books[close.symbol]!
  const isAll = close.rest === Number.POSITIVE_INFINITY || (close.rest !== close.rest && close.size !== close.size)
  const lot = close.lot === 0 ? null : book.lots.find(({ id }) => id === close.lot)
  const rest = close.rest === close.rest ? quantityOf(close.rest, book.rules) : close.size
  const quantity = isAll ? (lot?.quantity ?? book.quantity) : rest
  return { type: MARKET, quantity, price: Number.NaN, limit: Number.NaN, reduceOnly: true }
}
