/*
 * What changes a portfolio and is recorded: refusals, cancels, fills. Each function brings ledger and books to the new
 * state first, then writes the record, then checks the invariant (C3).
 */
import { bookedValue, breachText, payForBuy, receiveForSell, sumsAgree } from '../ledger/ledger.ts'
import {
  appendLot,
  MARKET,
  refreshBook,
  type Lot,
  type PendingClose,
  type Proposal,
  type SymbolBook,
  type WorkingOrder,
} from '../portfolio/book.ts'
import { KIND, MAKER, REASON, SELL } from './record-codes.ts'
import { noteTrade } from './closed-trades.ts'
import { checkLiveOrders } from './live-orders.ts'
import type { RecordWriter } from './record-stream.ts'
import type { TimelineState } from './timeline-state.ts'

/** Begins a record of this instant; the caller sets its fields and ends it with `putRecord`. */
export function startRecord(state: TimelineState, kind: number, reason: number, step: number): RecordWriter {
  state.writer.begin(kind, reason, step, state.time, state.ledger.cash)
  return state.writer
}

/** Ends a record: both sums must agree after it. */
export function putRecord(state: TimelineState): void {
  let cashSide = state.ledger.cash
  let profitSide = bookedValue(state.ledger)
  const held = state.held
  for (let i = 0; i < held.length; i++) {
    const book = held[i]!
    cashSide += book.quantity * book.mark
    profitSide += book.quantity * (book.mark - book.averageEntry)
  }
  if (!sumsAgree(state.ledger, cashSide, profitSide)) {
    state.breach ??= breachText({ cashSide, profitSide, time: state.time })
  }
  if (state.writer.overLimit) state.tooManyOrders ??= `Cannot record more: over ${state.writer.limit} records`
}

function insertBook(books: SymbolBook[], book: SymbolBook): void {
  let at = books.length
  while (at > 0 && books[at - 1]!.index > book.index) at -= 1
  if (at === books.length) books.push(book)
  else books.splice(at, 0, book)
}

function removeItem<T>(list: T[], item: T): void {
  if (list[list.length - 1] === item) list.pop()
  else if (list[0] === item) list.shift()
  else list.splice(list.indexOf(item), 1)
}

/** Brings sums, levels and memberships of a book up to date after its lots or resting orders changed. */
export function updateBook(state: TimelineState, book: SymbolBook): void {
  state.brackets -= book.brackets
  refreshBook(book, state.slot)
  state.brackets += book.brackets
  updateMembership(state, book)
}

function addLot(state: TimelineState, book: SymbolBook, lot: Lot): void {
  state.brackets -= book.brackets
  appendLot(book, lot, state.slot)
  state.brackets += book.brackets
  updateMembership(state, book)
}

function updateMembership(state: TimelineState, book: SymbolBook): void {
  const isHeld = book.lots.length > 0
  if (isHeld !== book.isHeld) {
    book.isHeld = isHeld
    if (isHeld) insertBook(state.held, book)
    else removeItem(state.held, book)
  }
  const isWatched = book.brackets > 0 || book.resting > 0
  if (isWatched !== book.isWatched) {
    book.isWatched = isWatched
    if (isWatched) insertBook(state.watched, book)
    else removeItem(state.watched, book)
  }
}

/** What a refusal says beside its reason. */
export interface RefusalFacts {
  readonly quantity: number
  /** Order type as far as known; absent: none. */
  readonly orderType?: number
  readonly needed?: number
  readonly available?: number
}

/** Quantity a decision asked for by itself: its size, or 0. */
export function askedSize(size: number): number {
  return size === size ? size : 0
}

/** A pending proposal ends by refusal. The caller takes it out of `pending`. */
export function refuseProposal(
  state: TimelineState,
  proposal: Proposal,
  why: RefusalFacts & { reason: number; step: number },
): void {
  const record = startRecord(state, KIND.refuse, why.reason, why.step)
  record.orderType = why.orderType ?? 0
  record.symbol = proposal.symbol
  record.decision = proposal.number
  record.quantity = why.quantity
  record.needed = why.needed ?? 0
  record.available = why.available ?? 0
  putRecord(state)
}

/** A pending close ends by refusal. The caller takes it out of `closes`. */
export function refuseClose(
  state: TimelineState,
  close: PendingClose,
  why: { reason: number; step: number; quantity: number },
): void {
  const record = startRecord(state, KIND.refuse, why.reason, why.step)
  record.side = SELL
  record.orderType = MARKET
  record.symbol = close.symbol
  record.order = close.order
  record.decision = close.number
  record.quantity = why.quantity
  putRecord(state)
}

/** Takes a working entry out of run and book; its reserve is free again. */
function dropWorking(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  removeItem(state.working, order)
  removeItem(book.working, order)
  if (order.type !== MARKET) updateBook(state, book)
}

/** A working entry ends by refusal at its fill. */
export function refuseWorking(
  state: TimelineState,
  order: WorkingOrder,
  why: { reason: number; needed?: number; available?: number },
): void {
  dropWorking(state, state.books[order.proposal.symbol]!, order)
  const record = startRecord(state, KIND.refuse, why.reason, 6)
  record.orderType = order.type
  record.symbol = order.proposal.symbol
  record.order = order.id
  record.decision = order.proposal.number
  record.quantity = order.quantity
  record.needed = why.needed ?? 0
  record.available = why.available ?? 0
  putRecord(state)
}

/** A working entry is cancelled; `decision` is the number of the decision that caused it. */
export function cancelWorking(
  state: TimelineState,
  order: WorkingOrder,
  why: { reason: number; step: number; decision: number },
): void {
  dropWorking(state, state.books[order.proposal.symbol]!, order)
  const record = startRecord(state, KIND.cancel, why.reason, why.step)
  record.orderType = order.type
  record.symbol = order.proposal.symbol
  record.order = order.id
  record.decision = why.decision
  record.quantity = order.quantity
  putRecord(state)
}

/** Fee of the fill in `state.fill` (C1). */
function feeOf(state: TimelineState, side: 'buy' | 'sell', symbol: number, notional: number): number {
  const { fill, cost } = state
  cost.symbol = state.input.config.symbols[symbol]!
  cost.side = side
  cost.quantity = fill.quantity
  cost.price = fill.price
  cost.notional = notional
  cost.liquidity = fill.liquidity === MAKER ? 'maker' : 'taker'
  cost.traded = state.ledger.traded
  return state.pricing.fee.cost(cost)
}

/** A fill record out of `state.fill`. */
function startFill(state: TimelineState, reason: number, symbol: number, fee: number): RecordWriter {
  const { fill } = state
  const record = startRecord(state, KIND.fill, reason, fill.step)
  record.rule = fill.rule
  record.liquidity = fill.liquidity
  record.path = fill.path
  record.symbol = symbol
  record.quantity = fill.quantity
  record.gross = fill.gross
  record.price = fill.price
  record.fee = fee
  return record
}

/** An entry fills as `state.fill` says: the order becomes a lot. Units and quantity may be less than the order's. */
export function bookEntry(state: TimelineState, order: WorkingOrder): void {
  const { proposal } = order
  const { fill } = state
  const book = state.books[proposal.symbol]!
  const notional = fill.quantity * fill.price
  const fee = feeOf(state, 'buy', proposal.symbol, notional)
  payForBuy(state.ledger, notional, fee)
  if (book.lots.length === 0) book.mark = fill.gross
  const lot: Lot = {
    id: state.nextLot,
    order: order.id,
    proposal,
    units: fill.units,
    largestUnits: fill.units,
    quantity: fill.quantity,
    entry: fill.price,
    gross: fill.gross,
    tp: fill.tp,
    sl: fill.sl,
    slot: state.slot,
    net: -fee,
  }
  state.nextLot += 1
  state.openLots += 1
  dropWorking(state, book, order)
  addLot(state, book, lot)
  const record = startFill(state, REASON.entry, proposal.symbol, fee)
  record.orderType = order.type
  record.order = order.id
  record.lot = lot.id
  record.decision = proposal.number
  putRecord(state)
  checkLiveOrders(state, book)
}

/** What closes a lot. */
export interface ExitCause {
  readonly reason: number
  readonly orderType: number
  /** 0 for brackets: they have no order of their own. */
  readonly order: number
  readonly decision: number
}

/** Sells as much of a lot as `state.fill` says. */
export function bookExit(state: TimelineState, lot: Lot, cause: ExitCause): void {
  const { fill } = state
  const symbol = lot.proposal.symbol
  const book = state.books[symbol]!
  const notional = fill.quantity * fill.price
  const fee = feeOf(state, 'sell', symbol, notional)
  const realised = fill.quantity * (fill.price - lot.entry)
  receiveForSell(state.ledger, notional, fee, realised)
  lot.net += realised - fee
  if (fill.units >= lot.units) {
    removeItem(book.lots, lot)
    state.openLots -= 1
    if (state.sizing.window > 0) noteTrade(state, lot)
  } else {
    lot.units -= fill.units
    lot.quantity = book.rules.step === null ? lot.units : lot.units * book.rules.step
  }
  if (state.isClosingAll && book.lots.length > 0) {
    book.quantity -= fill.quantity
    book.cost -= fill.quantity * lot.entry
    // Lots that rounding made tiny may be left although the sum is 0 already.
    book.averageEntry = book.quantity > 0 ? book.cost / book.quantity : 0
  } else updateBook(state, book)
  const record = startFill(state, cause.reason, symbol, fee)
  record.side = SELL
  record.orderType = cause.orderType
  record.order = cause.order
  record.lot = lot.id
  record.decision = cause.decision
  record.realised = realised
  putRecord(state)
}

/**
 * Sells all lots in order of opening, otherwise as `state.fill` says. In between the sums of the book only feed the
 * invariant: they are exact again with the last lot, and the whole stays linear in the lots.
 */
export function sellAllLots(state: TimelineState, book: SymbolBook, causeOf: () => ExitCause): void {
  state.isClosingAll = true
  const lots = book.lots.toReversed()
  book.lots = lots
  while (lots.length > 0) sellLot(state, lots.at(-1)!, causeOf())
  state.isClosingAll = false
}

/** Sells a lot whole, otherwise as `state.fill` says. */
export function sellLot(state: TimelineState, lot: Lot, cause: ExitCause): void {
  state.fill.units = lot.units
  state.fill.quantity = lot.quantity
  bookExit(state, lot, cause)
}
