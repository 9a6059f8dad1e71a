import { limitPassed, takerPrice } from '../execution/pricing.ts'
import { partOf } from '../execution/participation.ts'
import { priceInDirection } from '../execution/rounding.ts'
import { isWaitingStop, MARKET, STOP_LIMIT, type SymbolBook } from '../portfolio/book.ts'
import { fixedStop, hasTrail, trailingStop } from '../policies/stop-level.ts'
import { affordableUnits, cashNeed, quantityOf } from '../portfolio/money.ts'
import { liveRowAt } from '../portfolio/symbol-market.ts'
import { cancelWorking, refuseWorking } from './refusals.ts'
import { updateBook } from './book-state.ts'
import { askEntryFee, bookEntry, bracketSlot } from './booking.ts'
import { askFill } from './ask-fill.ts'
import { roomOf, waitForRoom } from './bar-room.ts'
import { marketGross, marketRow } from './market-fill.ts'
import { isAllOrNothing, isImmediate } from './order-life.ts'
import { MAKER, PATH, REASON, RULE, TAKER } from './record-codes.ts'
import { restsAtLimit } from './resting-limit.ts'
import { freeCash, tooSmall } from './step-admit.ts'
import type { TimelineState } from './timeline-state.ts'
import type { WorkingOrder } from '../portfolio/orders.ts'

const STEP = 6
/** Rule that prices an order by its type where it takes. */
const RULE_OF = [RULE.none, RULE.F1, RULE.F2, RULE.F3, RULE.F4]

/** Step 6: market entries, and limits and stops that the open has passed, in order of id (T2). */
export function entryStep(state: TimelineState): void {
  let next = 0
  while (next < state.working.length) {
    const order = state.working[next]!
    const book = state.books[order.proposal.symbol]!
    const row = liveRowAt(book.market, state.slot)
    if (row >= 0) enterAtOpen(state, book, order, row)
    else waitForBar(state, order)
    if (state.working[next] !== order) continue
    if (isImmediate(order) && !isWaitingStop(order)) cancelUnfilled(state, order)
    else next += 1
  }
}

/** What had to fill at once: it was placed or triggered in this step (F5). */
function cancelUnfilled(state: TimelineState, order: WorkingOrder): void {
  cancelWorking(state, order, { reason: REASON.unfilled, step: STEP, decision: order.proposal.number })
}

function waitForBar(state: TimelineState, order: WorkingOrder): void {
  order.waited = order.waitedSlot === state.slot - 1 ? order.waited + 1 : 1
  order.waitedSlot = state.slot
  if (order.waited > state.input.config.execution.maxWaitBars) {
    cancelWorking(state, order, { reason: REASON.expired_stale, step: STEP, decision: order.proposal.number })
  }
}

/** The fill at the open, but for quantity and bracket. */
function setOpenFill(state: TimelineState, gross: number, price: number, rule: number): void {
  const { fill } = state
  fill.gross = gross
  fill.price = price
  fill.liquidity = TAKER
  fill.rule = rule
  fill.step = STEP
  fill.path = PATH.none
}

function enterAtOpen(state: TimelineState, book: SymbolBook, order: WorkingOrder, row: number): void {
  if (order.proposal.executor !== null) return executeInBar(state, book, order, row)
  const open = book.market.open[row]!
  const part = partOf(roomOf(state, book, row), order.units, order.asked)
  const quantity = part === order.units ? order.quantity : quantityOf(part, book.rules)
  if (order.restsFrom <= state.slot) {
    if (!setLimitFill(state, book, order, { row, quantity })) return
  } else {
    const { side } = order.proposal
    if (isWaitingStop(order) && side * open < side * order.price) return
    if (order.type === STOP_LIMIT && side * open > side * order.limit) return restFromNextBar(state, book, order)
    const isMarket = order.type === MARKET
    const gross = isMarket ? marketGross(state, book, row) : open
    const taking = { row: isMarket ? marketRow(state, row) : row, gross, quantity }
    const price = takerPrice(state.pricing, book, side, taking)
    setOpenFill(state, gross, notBeyondLimit(order, price), RULE_OF[order.type]!)
  }
  const met = order.type === MARKET ? state.fill.gross : open
  if (part === 0 || (part < order.units && isAllOrNothing(order))) waitForRoom(state, book, order)
  else {
    if (state.pricing.fill !== null) {
      const { type, limit, proposal } = order
      const facts = { side: proposal.side, kind: 'entry', type, quantity, limit, isReserved: false } as const
      askFill(state, book, { ...facts, row: type === MARKET ? marketRow(state, row) : row })
    }
    fillEntry(state, book, order, { open: met, part })
  }
}

/** F13: an executor says what of its order fills in the bar, and for how much; without an answer the order goes on. */
function executeInBar(state: TimelineState, book: SymbolBook, order: WorkingOrder, row: number): void {
  const room = partOf(roomOf(state, book, row), order.units, order.asked)
  const isWhole = (part: number): boolean => part === order.units || !isAllOrNothing(order)
  if (room === 0 || !isWhole(room)) return waitForRoom(state, book, order)
  const { units, price } = state.executor!(book, order, { row, units: room })
  if (units === 0 || !isWhole(units)) return waitForRoom(state, book, order)
  setOpenFill(state, price, price, RULE.F13)
  fillEntry(state, book, order, { open: book.market.open[row]!, part: units })
}

/** The fill of a limit that the open has passed (F2); false if it has not. */
function setLimitFill(
  state: TimelineState,
  book: SymbolBook,
  order: WorkingOrder,
  { row, quantity }: { row: number; quantity: number },
): boolean {
  const open = book.market.open[row]!
  const { side } = order.proposal
  if (order.slot === state.slot) {
    if (side * open > side * order.limit) return false
    const price = takerPrice(state.pricing, book, side, { row, gross: open, quantity })
    setOpenFill(state, open, notBeyondLimit(order, price), RULE.F2)
    return true
  }
  const { penetrateTicks: ticks } = state.pricing
  if (!limitPassed(open, order.limit, { side, ticks, tick: book.rules.tick })) return false
  const price = restsAtLimit(state, book, row) ? order.limit : open
  setOpenFill(state, price, price, RULE.F2)
  state.fill.liquidity = MAKER
  return true
}

/** The price of a taker, but never beyond the limit of its order (F2, F4). */
export function notBeyondLimit(order: WorkingOrder, price: number): number {
  return order.proposal.side * price > order.proposal.side * order.limit ? order.limit : price
}

/** A stop_limit that triggered beyond its limit (F4). */
export function restFromNextBar(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  order.restsFrom = state.slot + 1
  updateBook(state, book)
}

/** Bracket of the lot that enters at `state.fill.gross`: prices of the order, or percent of gross on the tick (F7). */
export function setBracket(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  const { fill } = state
  const { tick } = book.rules
  const { proposal } = order
  const { side, tpPct } = proposal
  fill.tp = tpPct === tpPct ? priceInDirection(fill.gross * (1 + (side * tpPct) / 100), side, tick) : order.tp
  const fixed = priceInDirection(fixedStop(proposal, fill.gross), -side, tick)
  fill.sl = fixed
  fill.trails = false
  fill.extreme = Number.NaN
  if (!hasTrail(proposal)) return
  fill.extreme = fill.gross
  const trailing = priceInDirection(trailingStop(proposal, fill.gross), -side, tick)
  if (side * trailing <= side * fixed) return
  fill.sl = trailing
  fill.trails = true
}

/** A lot keeps the bracket of its first fill. */
function setBracketOf(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  if (order.lot === null) return setBracket(state, book, order)
  state.fill.tp = order.lot.tp
  state.fill.sl = order.lot.sl
}

/** What cannot fill ends: refused, or cancelled if something of it has filled. */
export function endEntry(
  state: TimelineState,
  order: WorkingOrder,
  why: { reason: number; step: number; needed?: number; available?: number },
): void {
  if (!order.hasFilled) refuseWorking(state, order, why)
  else cancelWorking(state, order, { reason: why.reason, step: why.step, decision: order.proposal.number })
}

/** The checks at the fill (F7, P3 d), then the fill of `part` of the order's units. */
function fillEntry(
  state: TimelineState,
  book: SymbolBook,
  order: WorkingOrder,
  { open, part }: { open: number; part: number },
): void {
  const { fill } = state
  setBracketOf(state, book, order)
  const { side } = order.proposal
  const isPassed = side > 0 ? fill.tp <= open || fill.sl >= open : fill.tp >= open || fill.sl <= open
  if (isPassed && (order.lot?.actsFrom ?? bracketSlot(state, order)) <= state.slot)
    return endEntry(state, order, { reason: REASON.bracket_passed, step: STEP })
  const { symbol } = order.proposal
  const asked = { symbol, side, quantity: order.quantity, price: fill.price, mayRest: false }
  const { fee } = state.pricing
  const terms = fee.terms(fill.liquidity === MAKER ? 'maker' : 'taker', state.ledger.traded, asked)
  const available = freeCash(state, order)
  const needed = cashNeed(order.quantity, fill.price, terms, book.rules.leverage)
  fill.units = part
  if (needed > available) {
    const isFinal = state.input.config.execution.onShortfall === 'refuse'
    const units = isFinal ? 0 : affordableUnits(available, fill.price, terms, book.rules)
    const reason = order.hasFilled ? 0 : tooSmall(book.rules, units, quantityOf(units, book.rules), fill.price)
    if (!(units > 0) || reason !== 0) {
      return endEntry(state, order, { reason: REASON.insufficient_cash, step: STEP, needed, available })
    }
    order.units = units
    fill.units = part < units ? part : units
  }
  fill.quantity = quantityOf(fill.units, book.rules)
  if (fee.mayExceed) {
    const paid = (fill.quantity * fill.price) / book.rules.leverage + askEntryFee(state, order.proposal)
    if (paid > available) {
      fill.fee = Number.NaN
      return endEntry(state, order, { reason: REASON.insufficient_cash, step: STEP, needed: paid, available })
    }
  }
  bookEntry(state, order)
}
