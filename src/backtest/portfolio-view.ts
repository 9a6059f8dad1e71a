import type { PlainData } from './user-port.ts'
import { LIMIT, MARKET, STOP, STOP_LIMIT, type SymbolBook } from '../portfolio/book.ts'
import type { PendingClose } from '../portfolio/pending-close.ts'
import { quantityOf } from '../portfolio/money.ts'
import { ORDER_TYPES } from './records.ts'
import { orderTypeOf } from './step-admit.ts'
import type { TimelineState } from './timeline-state.ts'
import type { ExitOrder, Lot, Proposal, WorkingOrder } from '../portfolio/orders.ts'

const sideName = (side: number): 'long' | 'short' => (side > 0 ? 'long' : 'short')
const actionName = (side: number): 'buy' | 'sell' => (side > 0 ? 'buy' : 'sell')
/** Absent is null for the strategy, never NaN. */
const given = (value: number): number | null => (value === value && value - value === 0 ? value : null)

/** What `onBar` sees of the account: positions, lots and orders as of now, in symbol order, lots in order of opening, orders by number. */
export function portfolioView(state: TimelineState): PlainData {
  const { held, pending, working, closes, exits, input } = state
  const { symbols } = input.config
  const orders = [
    ...pending.map((one) => pendingOf(one, symbols)),
    ...working.map((one) => workingOf(one, symbols)),
    ...closes.map((one) => closeOf(state, one)),
    ...exits.map((one) => exitOf(one, symbols)),
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

function pendingOf(proposal: Proposal, symbols: readonly string[]): OrderView {
  const { number, symbol, side, size } = proposal
  const type = orderTypeOf(proposal)
  return {
    id: number,
    symbol: symbols[symbol]!,
    side: actionName(side),
    type: ORDER_TYPES[type]!,
    quantity: size,
    ...pricesOf(type, proposal.entryPrice, proposal.limitPrice),
    reduceOnly: false,
  }
}

function workingOf({ proposal, type, quantity, price, limit }: WorkingOrder, symbols: readonly string[]): OrderView {
  return {
    id: proposal.number,
    symbol: symbols[proposal.symbol]!,
    side: actionName(proposal.side),
    type: ORDER_TYPES[type]!,
    quantity,
    ...pricesOf(type, price, limit),
    reduceOnly: false,
  }
}

function exitOf({ proposal, type, quantity, price }: ExitOrder, symbols: readonly string[]): OrderView {
  return {
    id: proposal.number,
    symbol: symbols[proposal.symbol]!,
    side: actionName(proposal.side),
    type: ORDER_TYPES[type]!,
    quantity,
    ...pricesOf(type, price, Number.NaN),
    reduceOnly: true,
  }
}

/** A close waits only while its symbol has no bar, or bars without room. */
function closeOf({ books, input }: TimelineState, close: PendingClose): OrderView {
  const book = books[close.symbol]!
  const isAll = close.rest === Number.POSITIVE_INFINITY || (close.rest !== close.rest && close.size !== close.size)
  const lot = close.lot === 0 ? null : book.lots.find(({ id }) => id === close.lot)
  const rest = close.rest === close.rest ? quantityOf(close.rest, book.rules) : close.size
  return {
    id: close.number,
    symbol: input.config.symbols[close.symbol]!,
    side: actionName(close.side),
    type: 'market',
    quantity: isAll ? (lot?.quantity ?? book.quantity) : rest,
    ...pricesOf(MARKET, Number.NaN, Number.NaN),
    reduceOnly: true,
  }
}
