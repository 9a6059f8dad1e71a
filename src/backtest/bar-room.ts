/*
 * Theory of operation: with a participation cap (F9) all fills of a symbol in one bar share a room, which is a share of the
 * bar's volume. Each book holds the room of the slot it was asked for last; fills take from it as they are booked. Without
 * a cap there is no room object, and nothing below is reached.
 */
import { isDust, type BarRoom } from '../execution/participation.ts'
import { MARKET, STOP, STOP_LIMIT, isWaitingStop, type SymbolBook } from '../portfolio/book.ts'
import { affordableUnits, cashNeed, quantityOf, unitsOf } from '../portfolio/money.ts'
import { updateBook } from './book-state.ts'
import { isImmediate } from './order-life.ts'
import { REASON } from './record-codes.ts'
import { cancelWorking, endEntries } from './refusals.ts'
import { freeCash } from './step-admit.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Lot, WorkingOrder } from '../portfolio/orders.ts'

/** Room of the bar `row`, which begins now; null: there is no cap. */
export function roomOf(state: TimelineState, book: SymbolBook, row: number): BarRoom | null {
  const { participation } = state
  if (participation === null) return null
  if (book.room === null || book.roomSlot !== state.slot) {
    const units = unitsOf(participation * book.market.volume[row]!, book.rules)
    book.room = { units, used: 0, hasSteps: book.rules.step !== null }
    book.roomSlot = state.slot
  }
  return book.room
}

/** Units of an order that are left after a fill of `units`; without a cap a fill ends its order, unless an executor says what fills. */
export function restAfter(state: TimelineState, book: SymbolBook, order: WorkingOrder, units: number): number {
  if (state.participation === null && order.proposal.executor === null) return 0
  const rest = order.units - units
  return rest > 0 && !isDust({ hasSteps: book.rules.step !== null }, rest, order.asked) ? rest : 0
}

/** A triggered stop or a market order that the bar had no room for: it takes the next open; a stop_limit rests. */
export function waitForRoom(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  if (order.type === MARKET || order.type === STOP) order.takes = true
  else if (order.type === STOP_LIMIT && isWaitingStop(order)) order.restsFrom = state.slot + 1
  updateBook(state, book)
}

/** After a fill that left something of its order: it is cancelled, or reserved anew for what it may still cost (F9). */
export function keepRest(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  const { fill } = state
  const decision = order.proposal.number
  if (isImmediate(order)) return cancelWorking(state, order, { reason: REASON.unfilled, step: fill.step, decision })
  const isLimit = order.limit === order.limit
  const price = isLimit ? order.limit : fill.price
  const asked = {
    symbol: book.index,
    side: order.proposal.side,
    quantity: order.quantity,
    price,
    mayRest: order.type !== MARKET,
  }
  const terms = state.pricing.fee.terms(isLimit ? 'either' : 'taker', state.ledger.traded, asked)
  const { leverage } = book.rules
  const reserves = state.input.config.execution.cashCheck === 'admit'
  const free = reserves ? freeCash(state, order) : Number.POSITIVE_INFINITY
  if (cashNeed(order.quantity, price, terms, leverage) > free) {
    order.units = affordableUnits(free, price, terms, book.rules)
    order.quantity = quantityOf(order.units, book.rules)
    if (!(order.units > 0)) {
      return cancelWorking(state, order, { reason: REASON.insufficient_cash, step: fill.step, decision })
    }
  }
  order.reserve = reserves ? cashNeed(order.quantity, price, terms, leverage) : 0
  order.exposure = cashNeed(order.quantity, price, terms, 1)
  waitForRoom(state, book, order)
}

/** A stop that its bar has no room for (any more): what is left of the lot is sold at the next opens (F9). */
export function stopLot(state: TimelineState, book: SymbolBook, lot: Lot, step: number): void {
  endEntries(state, lot, { step, decision: lot.proposal.number })
  lot.stopped = true
  lot.tp = Number.NaN
  lot.sl = lot.side * Number.POSITIVE_INFINITY
  lot.extreme = Number.NaN
  updateBook(state, book)
}
