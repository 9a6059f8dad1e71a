/*
 * Theory of operation: resting orders against the position (portfolio strategies, and exit legs, of which each is about one
 * lot only and ends with it). They skip admission, since they bind nothing, and work from the instant at which they are
 * placed. One that is met closes lots in order of opening, as much as it asks for or as there is, at one price, and is done;
 * where nothing is left of the position all others of the symbol end.
 */
import { hasTrail } from '../policies/stop-level.ts'
import { limitPassed, takerPrice } from '../execution/pricing.ts'
import { priceInDirection } from '../execution/rounding.ts'
import { LIMIT, STOP, type SymbolBook } from '../portfolio/book.ts'
import { quantityOf, unitsOf } from '../portfolio/money.ts'
import { liveRowAt } from '../portfolio/symbol-market.ts'
import { dropExit, putRecord, startRecord, updateBook } from './book-state.ts'
import { askFill } from './ask-fill.ts'
import { closeInOrder, setExitPrice } from './booking.ts'
import { refuseDecision } from './decide-actions.ts'
import { checkLiveOrders } from './live-orders.ts'
import { expirySlot, noteExpiry } from './order-life.ts'
import { KIND, MAKER, PATH, REASON, RULE, sideCode, TAKER } from './record-codes.ts'
import { cancelExit } from './refusals.ts'
import { restsAtLimit } from './resting-limit.ts'
import { tooSmall } from './step-admit.ts'
import type { TimelineState } from './timeline-state.ts'
import type { ExitOrder, Lot, Proposal } from '../portfolio/orders.ts'

const STEP = 4

/** The order works from now on, unless it is too small; `free`: units of what it may close, `lot` null: of the position. */
export function placeExit(
  state: TimelineState,
  book: SymbolBook,
  proposal: Proposal,
  { type, free, isReduceOnly, lot }: { type: number; free: number; isReduceOnly: boolean; lot: Lot | null },
): void {
  const { side } = proposal
  const { rules } = book
  // The time of a leg that was taken back goes on
  const until = proposal.until === proposal.until ? proposal.until : expirySlot(state, proposal)
  if (until <= state.slot) return refuseDecision(state, proposal, REASON.expired)
  const price = priceInDirection(proposal.entryPrice, type === LIMIT ? -side : side, rules.tick)
  const units = unitsOf(proposal.size, rules)
  const quantity = quantityOf(units, rules)
  const fault = units < free || !(units > 0) ? tooSmall(rules, units, quantity, price) : 0
  if (fault !== 0) return refuseDecision(state, proposal, fault)
  proposal.until = until
  const order: ExitOrder = {
    id: state.nextOrder,
    proposal,
    lot,
    type,
    price,
    // Without reduceOnly it is the bracket of what the order would open
    extreme: isReduceOnly && hasTrail(proposal) ? proposal.close : Number.NaN,
    units,
    quantity,
    isFresh: true,
    until,
    waited: 0,
    waitedSlot: -1,
  }
  state.nextOrder += 1
  state.exits.push(order)
  book.exits.push(order)
  noteExpiry(state, order)
  updateBook(state, book)
  const record = startRecord(state, KIND.close, REASON.none, 2)
  record.side = sideCode(side)
  record.orderType = type
  record.symbol = book.index
  record.order = order.id
  record.lot = lot === null ? 0 : lot.id
  record.decision = proposal.number
  record.quantity = quantity
  record.gross = price
  putRecord(state)
  checkLiveOrders(state, book)
}

/** Step 4, after brackets: orders that the open has passed, in order of id. */
export function exitOrdersAtOpen(state: TimelineState): void {
  for (const order of state.exits.slice()) {
    const book = state.books[order.proposal.symbol]!
    if (!book.exits.includes(order)) continue
    const row = liveRowAt(book.market, state.slot)
    if (row < 0) waitForBar(state, order)
    else actAtOpen(state, book, order, row)
  }
}

function waitForBar(state: TimelineState, order: ExitOrder): void {
  // There was a live bar in between that nobody looked at
  if (order.waitedSlot >= 0 && order.waitedSlot < state.slot - 1) order.isFresh = false
  order.waited = order.waitedSlot === state.slot - 1 ? order.waited + 1 : 1
  order.waitedSlot = state.slot
  if (order.waited <= state.input.config.execution.maxWaitBars) return
  cancelExit(state, order, { reason: REASON.expired_stale, step: STEP, decision: order.proposal.number })
}

function actAtOpen(state: TimelineState, book: SymbolBook, order: ExitOrder, row: number): void {
  const isFresh = order.isFresh && (order.waitedSlot < 0 || order.waitedSlot === state.slot - 1)
  order.isFresh = false
  const { side } = order.proposal
  const open = book.market.open[row]!
  const quantity = quantityOf(unitsToClose(book, order), book.rules)
  const taken = (): number => takerPrice(state.pricing, book, side, { row, gross: open, quantity })
  const { fill } = state
  fill.step = STEP
  fill.path = PATH.none
  fill.gross = open
  fill.liquidity = TAKER
  if (order.type === STOP) {
    if (side * open < side * order.price) return
    fill.rule = RULE.F3
    fill.price = taken()
  } else if (isFresh) {
    if (side * open > side * order.price) return
    const price = taken()
    fill.rule = RULE.F2
    fill.price = side * price > side * order.price ? order.price : price
  } else {
    const { penetrateTicks: ticks } = state.pricing
    if (!limitPassed(open, order.price, { side, ticks, tick: book.rules.tick })) return
    const price = restsAtLimit(state, book, row) ? order.price : open
    fill.rule = RULE.F2
    fill.gross = price
    fill.liquidity = MAKER
    fill.price = price
  }
  if (state.pricing.fill !== null) {
    const limit = order.type === LIMIT ? order.price : Number.NaN
    askFill(state, book, { row, side, kind: 'exit', type: order.type, quantity, limit, isReserved: false })
  }
  setExitPrice(state, book, fill.price)
  closeByExit(state, book, order)
}

/** What an order closes where it is met. */
function unitsToClose(book: SymbolBook, { units, lot: only }: ExitOrder): number {
  let held = 0
  for (const lot of only === null ? book.lots : [only]) held += lot.units
  return units < held ? units : held
}

/** Closes lots in order of opening, otherwise as `state.fill` says. */
function closeByExit(state: TimelineState, book: SymbolBook, order: ExitOrder): void {
  const units = unitsToClose(book, order)
  dropExit(state, book, order)
  const cause = { reason: REASON.exit, orderType: order.type, order: order.id, decision: order.proposal.number }
  closeInOrder(state, order.lot === null ? book.lots.slice() : [order.lot], units, cause)
}
