import { partOf } from '../execution/participation.ts'
import { limitPassed, takerPrice } from '../execution/pricing.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import type { PendingClose } from '../portfolio/pending-close.ts'
import { compareKeys, compareT3Keys } from '../portfolio/t3-keys.ts'
import { quantityOf, unitsOf } from '../portfolio/money.ts'
import { liveRowAt } from '../portfolio/symbol-market.ts'
import { askedSize, cancelWorking, endClose, refuseClose, refuseProposal } from './refusals.ts'
import { roomOf, stopLot } from './bar-room.ts'
import { askFill } from './ask-fill.ts'
import {
  closeAllLots,
  closeInOrder,
  closeLot,
  closeUnits,
  setExitPrice,
  stopReason,
  type ExitCause,
} from './booking.ts'
import { closeInRoom } from './capped-close.ts'
import { marketGross, marketRow } from './market-fill.ts'
import { MAKER, ORDER_TYPE, PATH, REASON, RULE, TAKER } from './record-codes.ts'
import { restsAtLimit } from './resting-limit.ts'
import { exitOrdersAtOpen } from './resting-exits.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Lot } from '../portfolio/orders.ts'

const STEP = 4

interface Hit {
  readonly lot: Lot
  readonly book: SymbolBook
  readonly row: number
}

function compareHits(a: Hit, b: Hit): number {
  return compareT3Keys(a.lot.proposal, b.lot.proposal) || a.lot.id - b.lot.id
}

/** Step 4: what the open of the bars that begin now has passed is sold, then market exits act (T2). */
export function exitStep(state: TimelineState): void {
  if (state.brackets > 0) {
    exitAtStops(state, 0)
    exitAtLimits(state, 0)
  }
  if (state.exits.length > 0) exitOrdersAtOpen(state)
  if (state.closes.length > 0 && !state.takesCloses) closeStep(state)
}

/** With `marketFill: same_close` (F1) market exits come before all that the open does. */
export function closeAtCloses(state: TimelineState): void {
  if (state.closes.length > 0) closeStep(state)
}

/** And what was entered at a close meets the open of its bar after that. */
export function exitNewLots(state: TimelineState): void {
  if (state.brackets === 0) return
  exitAtStops(state, state.slot)
  exitAtLimits(state, state.slot)
}

/** Lots entered from slot `since` on that the open of their bar exits, in T3 order. */
function findHits(
  state: TimelineState,
  since: number,
  isHit: (open: number, lot: Lot, book: SymbolBook) => boolean,
): Hit[] {
  const hits: Hit[] = []
  for (const book of state.watched) {
    const row = book.brackets === 0 ? -1 : liveRowAt(book.market, state.slot)
    if (row < 0) continue
    const open = book.market.open[row]!
    for (const lot of book.lots) {
      if (lot.slot >= since && lot.actsFrom <= state.slot && isHit(open, lot, book)) hits.push({ lot, book, row })
    }
  }
  return hits.length > 1 ? hits.sort(compareHits) : hits
}

/** The order that an exit at an open fills; `limit` NaN: none. */
interface OpenExit {
  readonly type: number
  readonly row: number
  readonly quantity: number
  readonly limit: number
}

/** The fill at an open, but for its quantity. */
function setOpenFill(
  state: TimelineState,
  book: SymbolBook,
  { gross, price, rule, ...order }: OpenExit & { gross: number; price: number; rule: number },
): void {
  const { fill } = state
  fill.gross = gross
  fill.price = price
  fill.liquidity = rule === RULE.F2 ? MAKER : TAKER
  if (state.pricing.fill !== null) {
    askFill(state, book, { ...order, side: -book.side, kind: 'exit', isReserved: false })
  }
  setExitPrice(state, book, fill.price)
  fill.rule = rule
  fill.step = STEP
  fill.path = PATH.none
}

/** As much of a lot as its bar has room for. */
function partOfLot(
  state: TimelineState,
  book: SymbolBook,
  lot: Lot,
  row: number,
): { readonly units: number; readonly quantity: number } {
  const units = partOf(roomOf(state, book, row), lot.units, lot.largestUnits)
  return units === lot.units ? lot : { units, quantity: quantityOf(units, book.rules) }
}

function exitAtStops(state: TimelineState, since: number): void {
  const isHit = (open: number, lot: Lot): boolean => (lot.side > 0 ? open <= lot.sl : open >= lot.sl)
  for (const { lot, book, row } of findHits(state, since, isHit)) {
    const gross = book.market.open[row]!
    const { units, quantity } = partOfLot(state, book, lot, row)
    const isPart = units < lot.units
    if (units > 0) {
      const price = takerPrice(state.pricing, book, -lot.side, { row, gross, quantity })
      const order = { type: ORDER_TYPE.stop, row, quantity, limit: Number.NaN }
      setOpenFill(state, book, { ...order, gross, price, rule: RULE.F3 })
      const decision = lot.proposal.number
      closeUnits(state, lot, units, { reason: stopReason(lot), orderType: ORDER_TYPE.stop, order: 0, decision })
    }
    if (isPart) stopLot(state, book, lot, STEP)
  }
}

function exitAtLimits(state: TimelineState, since: number): void {
  const ticks = state.pricing.penetrateTicks
  const isHit = (open: number, lot: Lot, book: SymbolBook): boolean =>
    limitPassed(open, lot.tp, { side: -lot.side, ticks, tick: book.rules.tick })
  for (const { lot, book, row } of findHits(state, since, isHit)) {
    const { units, quantity } = partOfLot(state, book, lot, row)
    if (units === 0) continue
    const price = restsAtLimit(state, book, row) ? lot.tp : book.market.open[row]!
    const order = { type: ORDER_TYPE.limit, row, quantity, limit: lot.tp }
    setOpenFill(state, book, { ...order, gross: price, price, rule: RULE.F2 })
    const decision = lot.proposal.number
    closeUnits(state, lot, units, { reason: REASON.take_profit, orderType: ORDER_TYPE.limit, order: 0, decision })
  }
}

/** Market exits in T3 order, then the count of the bars that the others wait. */
function closeStep(state: TimelineState): void {
  const first = state.closes[0]!
  if (state.closes.length === 1 && liveRowAt(state.books[first.symbol]!.market, state.slot) >= 0) {
    if (actOnClose(state, first)) state.closes.pop()
    return
  }
  const waiting: PendingClose[] = []
  const due: PendingClose[] = []
  for (const close of state.closes) {
    const live = liveRowAt(state.books[close.symbol]!.market, state.slot) >= 0
    ;(live ? due : waiting).push(close)
  }
  if (due.length > 1) due.sort(compareKeys)
  const left = due.filter((close) => !actOnClose(state, close))
  state.closes = waiting
  if (waiting.length > 0) expireCloses(state)
  if (left.length > 0) state.closes = [...state.closes, ...left].sort((a, b) => a.number - b.number)
}

function expireCloses(state: TimelineState): void {
  const limit = state.input.config.execution.maxWaitBars
  const kept: PendingClose[] = []
  const expired: PendingClose[] = []
  for (const close of state.closes) {
    close.waited += 1
    ;(close.waited > limit ? expired : kept).push(close)
  }
  state.closes = kept
  for (const close of expired) {
    state.books[close.symbol]!.closeCount -= 1
    endClose(state, close, { reason: REASON.expired_stale, step: STEP, quantity: askedSize(close.size) })
  }
}

/** Acts on a close in a live bar; false if something is left for the next one (F9). */
function actOnClose(state: TimelineState, close: PendingClose): boolean {
  const book = state.books[close.symbol]!
  const cause = {
    reason: REASON.exit,
    orderType: ORDER_TYPE.market,
    order: close.order,
    decision: close.number,
  }
  close.waited = 0
  if (state.participation !== null) {
    const ended = closeInRoom(state, book, close, {
      row: liveRowAt(book.market, state.slot),
      cause,
      clearEntries: () => clearEntries(state, book, close),
      setFill: (quantity) => setCloseFill(state, book, quantity),
    })
    if (ended) book.closeCount -= 1
    return ended
  }
  book.closeCount -= 1
  if (book.lots.length === 0 || book.side === close.side) {
    refuseClose(state, close, { reason: REASON.position_gone, step: STEP, quantity: askedSize(close.size) })
  } else if (close.lot > 0) closeTheLot(state, book, close, cause)
  else if (close.size < book.quantity) closePart(state, book, close, { cause, lots: book.lots.slice() })
  else closeAll(state, book, close, cause)
  return true
}

/** The fill of a close of `quantity` in all: one order, one price for all its lots. */
function setCloseFill(state: TimelineState, book: SymbolBook, quantity: number): void {
  const row = liveRowAt(book.market, state.slot)
  const gross = marketGross(state, book, row)
  const order = { type: ORDER_TYPE.market, row: marketRow(state, row), quantity, limit: Number.NaN }
  const price = takerPrice(state.pricing, book, -book.side, { row: order.row, gross, quantity })
  setOpenFill(state, book, { ...order, gross, price, rule: RULE.F1 })
}

/** One lot, or a part of it; whole it is never too small to be closed (F10). */
function closeTheLot(state: TimelineState, book: SymbolBook, close: PendingClose, cause: ExitCause): void {
  const lot = book.lots.find(({ id }) => id === close.lot)
  if (lot === undefined) {
    return refuseClose(state, close, { reason: REASON.position_gone, step: STEP, quantity: askedSize(close.size) })
  }
  if (close.size < lot.quantity) return closePart(state, book, close, { cause, lots: [lot] })
  setCloseFill(state, book, lot.quantity)
  closeLot(state, lot, cause)
}

function closeAll(state: TimelineState, book: SymbolBook, close: PendingClose, cause: ExitCause): void {
  const hasEntries = book.working.length > 0 || book.pendingCount > 0
  if (hasEntries && !close.keepsEntries) clearEntries(state, book, close)
  setCloseFill(state, book, book.quantity)
  closeAllLots(state, book, () => cause)
}

/** What a full close takes along: working entries, and pending proposals that are older than it (P6). */
function clearEntries(state: TimelineState, book: SymbolBook, close: PendingClose): void {
  const reason = REASON.closed_lot
  while (book.working.length > 0) {
    cancelWorking(state, book.working[0]!, { reason, step: STEP, decision: close.number })
  }
  const isGone = (one: { symbol: number; number: number }): boolean =>
    one.symbol === close.symbol && one.number < close.number
  const gone = state.pending.filter(isGone)
  state.pending = state.pending.filter((one) => !isGone(one))
  book.pendingCount -= gone.length
  for (const one of gone) refuseProposal(state, one, { reason, step: STEP, quantity: askedSize(one.size) })
}

function closePart(
  state: TimelineState,
  book: SymbolBook,
  close: PendingClose,
  { cause, lots }: { cause: ExitCause; lots: readonly Lot[] },
): void {
  const { rules } = book
  const units = unitsOf(close.size, rules)
  const quantity = quantityOf(units, rules)
  const refuse = (reason: number): void => refuseClose(state, close, { reason, step: STEP, quantity })
  setCloseFill(state, book, quantity)
  if (units <= 0) return refuse(REASON.zero_quantity)
  if (quantity < rules.minQuantity) return refuse(REASON.below_min_quantity)
  if (quantity * state.fill.gross < rules.minNotional) return refuse(REASON.below_min_notional)
  closeInOrder(state, lots, units, cause)
}
