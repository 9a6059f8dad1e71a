/*
 * Fills. Each function brings ledger and books to the new state first, then writes the record, then checks the invariant
 * (C3).
 */
import { isDust } from '../execution/participation.ts'
import { payForBuy, payForPosition, receiveForSell, receiveFromPosition } from '../ledger/ledger.ts'
import type { CostEvent } from '../policies/fee.ts'
import { MARKET, type SymbolBook } from '../portfolio/book.ts'
import { addLot, dropWorking, putRecord, removeItem, startRecord, updateBook } from './book-state.ts'
import { quantityOf } from '../portfolio/money.ts'
import { keepRest, restAfter } from './bar-room.ts'
import { noteTrade } from './closed-trades.ts'
import { checkLiveOrders } from './live-orders.ts'
import { refreshLiquidation } from './perp-liquidation.ts'
import { bindMargin, releasedMargin, startWholeClose } from './perp-state.ts'
import { KIND, MAKER, PATH, REASON, RULE, sideCode } from './record-codes.ts'
import { bankruptcyPrice } from '../execution/liquidation.ts'
import { cancelExit, endEntries } from './refusals.ts'
import type { RecordWriter } from './record-stream.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Lot, Proposal, ProposalGroup, WorkingOrder } from '../portfolio/orders.ts'

/** Fee of the fill in `state.fill` (C1), unless that knows it. */
function feeOf(
  state: TimelineState,
  { side, symbol, notional, kind }: { side: number; symbol: number; notional: number; kind: CostEvent['kind'] },
): number {
  const { fill, cost } = state
  const known = fill.fee
  fill.fee = Number.NaN
  if (known === known) return known
  cost.symbol = state.input.config.symbols[symbol]!
  cost.side = side > 0 ? 'buy' : 'sell'
  cost.kind = kind
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
  if (fill.path !== PATH.none && state.crossing !== 0) record.needed = state.crossing
  record.symbol = symbol
  record.quantity = fill.quantity
  record.gross = fill.gross
  record.price = fill.price
  record.fee = fee
  return record
}

/** Asks for the fee of an entry before it is booked, which then takes it as known. */
export function askEntryFee(state: TimelineState, { side, symbol }: Proposal): number {
  const { fill } = state
  fill.fee = feeOf(state, { side, symbol, notional: fill.quantity * fill.price, kind: 'entry' })
  return fill.fee
}

/** An entry fills as `state.fill` says: its order becomes a lot, or its lot grows. What is left of it works on (F9). */
export function bookEntry(state: TimelineState, order: WorkingOrder): void {
  const { proposal } = order
  const { fill } = state
  const book = state.books[proposal.symbol]!
  const notional = fill.quantity * fill.price
  const fee = feeOf(state, { side: proposal.side, symbol: proposal.symbol, notional, kind: 'entry' })
  if (state.perp === null) payForBuy(state.ledger, notional, fee)
  else payForPosition(state.ledger, bindMargin(state.perp, proposal.symbol, notional), notional, fee)
  if (book.lots.length === 0) book.mark = fill.gross
  if (book.room !== null) book.room.used += fill.units
  const rest = restAfter(state, book, order, fill.units)
  if (rest === 0) dropWorking(state, book, order)
  order.units = rest
  order.quantity = quantityOf(rest, book.rules)
  const known = order.lot
  const lot = known ?? openLot(state, book, order)
  if (known !== null) growLot(state, book, lot)
  lot.net -= fee
  lot.staked += notional
  order.hasFilled = true
  if (rest > 0 && order.lot === null) {
    order.lot = lot
    lot.entries.push(order)
  }
  if (state.perp !== null) refreshLiquidation(state, state.perp, book)
  const record = startFill(state, REASON.entry, proposal.symbol, fee)
  record.side = sideCode(proposal.side)
  record.orderType = order.type
  record.order = order.id
  record.lot = lot.id
  record.decision = proposal.number
  putRecord(state)
  if (rest > 0) keepRest(state, book, order)
  checkLiveOrders(state, book)
}

/** First slot in which the bracket of what an order enters now acts (F6, F13). */
export function bracketSlot(state: TimelineState, { type, proposal }: WorkingOrder): number {
  if (proposal.executor !== null) return state.slot + 1
  const { bracketFrom } = state.input.config.execution
  const isNow = bracketFrom === 'line' || (bracketFrom === 'market_entries' && type === MARKET)
  return isNow ? state.slot : state.slot + 1
}

/** The lot of a first fill. */
function openLot(state: TimelineState, book: SymbolBook, order: WorkingOrder): Lot {
  const { fill } = state
  const lot: Lot = {
    id: state.nextLot,
    order: order.id,
    proposal: order.proposal,
    side: order.proposal.side,
    units: fill.units,
    largestUnits: fill.units,
    quantity: fill.quantity,
    entry: fill.price,
    gross: fill.gross,
    staked: 0,
    entries: [],
    stopped: false,
    tp: fill.tp,
    sl: fill.sl,
    actsFrom: bracketSlot(state, order),
    slot: state.slot,
    onPath: fill.path !== PATH.none || order.proposal.executor !== null,
    extreme: fill.extreme,
    trails: fill.trails,
    net: 0,
  }
  state.nextLot += 1
  state.openLots += 1
  if (order.proposal.group !== null) joinLot(order.proposal.group, lot)
  addLot(state, book, lot)
  return lot
}

/** The legs that work go into the lot that one of them has opened. */
function joinLot(group: ProposalGroup, lot: Lot): void {
  group.lot = lot
  lot.entries = group.orders.slice()
  for (const order of group.orders) order.lot = lot
}

/** A further fill of a lot's entry: its bracket stays, its average moves. */
function growLot(state: TimelineState, book: SymbolBook, lot: Lot): void {
  const { fill } = state
  lot.entry = (lot.quantity * lot.entry + fill.quantity * fill.price) / (lot.quantity + fill.quantity)
  lot.units += fill.units
  lot.quantity = quantityOf(lot.units, book.rules)
  if (lot.units > lot.largestUnits) lot.largestUnits = lot.units
  updateBook(state, book)
}

/** Reason of a lot's exit at its stop. */
export function stopReason(lot: Lot): number {
  return lot.trails ? REASON.trailing_stop : REASON.stop_loss
}

/** What closes a lot. */
export interface ExitCause {
  readonly reason: number
  readonly orderType: number
  /** 0 for brackets: they have no order of their own. */
  readonly order: number
  readonly decision: number
}

/**
 * Price of an exit out of `state.fill`: of an isolated position never beyond its bankruptcy price, the rest is insured (L3).
 */
export function setExitPrice(state: TimelineState, book: SymbolBook, price: number): void {
  const { fill, perp } = state
  fill.price = price
  fill.insured = 0
  if (perp === null || perp.isCross) return
  const bankruptcy = bankruptcyPrice(book, perp.wallets[book.index]!)
  if (book.side * price >= book.side * bankruptcy) return
  fill.price = bankruptcy
  fill.insured = bankruptcy
}

/** A decision that closes a part of a lot leaves what enters it; so does the end of the data. */
function endsEntries(state: TimelineState, lot: Lot, cause: ExitCause): boolean {
  const { fill } = state
  return fill.rule !== RULE.T6 && (cause.order === 0 || fill.units >= lot.units)
}

/** Fee of an exit: none without liquidity, and what a liquidation of the account adds (L4). */
function exitFee(state: TimelineState, lot: Lot, notional: number): number {
  if (state.fill.liquidity === 0) return 0
  const fee = feeOf(state, { side: -lot.side, symbol: lot.proposal.symbol, notional, kind: 'exit' })
  const clearance = state.perp?.clearanceRate ?? 0
  return clearance === 0 ? fee : fee + clearance * notional
}

/** What the engine forces takes nothing of a bar's room: the end of the data, liquidations and bankruptcy (F9). */
function takesRoom(rule: number): boolean {
  return rule !== RULE.T6 && rule !== RULE.L4 && rule !== RULE.M
}

/** Closes as much of a lot as `state.fill` says. */
function bookExit(state: TimelineState, lot: Lot, cause: ExitCause): void {
  const { fill } = state
  const symbol = lot.proposal.symbol
  const book = state.books[symbol]!
  if (endsEntries(state, lot, cause)) endEntries(state, lot, { step: fill.step, decision: cause.decision })
  if (book.room !== null && takesRoom(fill.rule)) book.room.used += fill.units
  const notional = fill.quantity * fill.price
  const { perp } = state
  const fee = exitFee(state, lot, notional)
  const realised = lot.side * (fill.quantity * (fill.price - lot.entry))
  if (perp === null) receiveForSell(state.ledger, notional, fee, realised)
  lot.net += realised - fee
  const before = book.quantity
  if (fill.units >= lot.units) {
    removeItem(book.lots, lot)
    if (lot.proposal.group !== null) lot.proposal.group.lot = null
    state.openLots -= 1
    if (state.sizing.window > 0) noteTrade(state, lot)
  } else {
    lot.units -= fill.units
    lot.quantity = quantityOf(lot.units, book.rules)
  }
  if (state.isClosingAll && book.lots.length > 0) {
    book.quantity -= fill.quantity
    book.cost -= fill.quantity * lot.entry
    // Lots that rounding made tiny may be left although the sum is 0 already.
    book.averageEntry = book.quantity > 0 ? book.cost / book.quantity : 0
  } else updateBook(state, book)
  if (perp !== null) {
    const margin = releasedMargin(perp, symbol, { closed: fill.quantity, before, isLast: book.lots.length === 0 })
    receiveFromPosition(state.ledger, { margin, notional, fee, realised })
    if (!state.isClosingAll || book.lots.length === 0) refreshLiquidation(state, perp, book)
  }
  const record = startFill(state, cause.reason, symbol, fee)
  record.side = sideCode(-lot.side)
  record.orderType = cause.orderType
  record.order = cause.order
  record.lot = lot.id
  record.decision = cause.decision
  record.realised = realised
  record.available = fill.insured
  putRecord(state)
  if (book.lots.length === 0 && book.exits.length > 0) endExits(state, book, cause)
}

/** Nothing is left for them to close. The end of the data ends nothing else. */
function endExits(state: TimelineState, book: SymbolBook, { decision }: ExitCause): void {
  const { rule, step } = state.fill
  if (rule === RULE.T6) return
  for (const order of book.exits.slice()) cancelExit(state, order, { reason: REASON.position_gone, step, decision })
}

/**
 * Closes all lots in order of opening, otherwise as `state.fill` says. In between the sums of the book only feed the
 * invariant: they are exact again with the last lot, and the whole stays linear in the lots.
 */
export function closeAllLots(state: TimelineState, book: SymbolBook, causeOf: (lot: Lot) => ExitCause): void {
  state.isClosingAll = true
  if (state.perp !== null) startWholeClose(state.perp, book)
  const lots = book.lots.toReversed()
  book.lots = lots
  while (lots.length > 0) closeLot(state, lots.at(-1)!, causeOf(lots.at(-1)!))
  state.isClosingAll = false
  if (state.perp !== null) state.perp.closing = null
}

/** Closes `units` of a lot, otherwise as `state.fill` says. */
export function closeUnits(state: TimelineState, lot: Lot, units: number, cause: ExitCause): void {
  state.fill.units = units
  state.fill.quantity = units === lot.units ? lot.quantity : quantityOf(units, state.books[lot.proposal.symbol]!.rules)
  bookExit(state, lot, cause)
}

/** Closes a lot whole, otherwise as `state.fill` says. */
export function closeLot(state: TimelineState, lot: Lot, cause: ExitCause): void {
  closeUnits(state, lot, lot.units, cause)
}

/** Closes `units` in all of lots of a symbol in their order, otherwise as `state.fill` says; no lot keeps dust (F10). */
export function closeInOrder(state: TimelineState, lots: readonly Lot[], units: number, cause: ExitCause): void {
  let rest = units
  for (const lot of lots) {
    if (rest <= 0) break
    const hasSteps = state.books[lot.proposal.symbol]!.rules.step !== null
    if (rest >= lot.units || isDust({ hasSteps }, lot.units - rest, lot.largestUnits)) {
      rest -= lot.units
      closeLot(state, lot, cause)
    } else {
      closeUnits(state, lot, rest, cause)
      rest = 0
    }
  }
}
