import { priceDown, priceInDirection, priceUp, type SymbolRules } from '../execution/rounding.ts'
import { LIMIT, MARKET, STOP, STOP_LIMIT, type SymbolBook } from '../portfolio/book.ts'
import type { LimitHit } from '../policies/account-view.ts'
import { affordableUnits, cashNeed, EXACT_UNITS, quantityOf, unitsOf } from '../portfolio/money.ts'
import { liveRowAt } from '../portfolio/symbol-market.ts'
import { firstStop } from '../policies/stop-level.ts'
import type { RiskPolicy } from '../policies/risk.ts'
import { putRecord, startRecord, updateBook } from './book-state.ts'
import { askedSize, refuseProposal, type RefusalFacts } from './refusals.ts'
import { expirySlot, noteExpiry } from './order-life.ts'
import { crossFree } from './perp-state.ts'
import { KIND, REASON, sideCode } from './record-codes.ts'
import type { Draft } from './scratch.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Proposal, WorkingOrder } from '../portfolio/orders.ts'

const STEP = 5
const ENTRY_MARKET = 1
const ENTRY_LIMIT = 2
const ENTRY_STOP = 3
const ENTRY_STOP_LIMIT = 4

/** Step 5: pending proposals whose symbol has a live bar now are admitted or refused (P3). */
export function admitStep(state: TimelineState): void {
  if (state.pending.length === 0) return
  if (state.input.config.execution.cashCheck === 'submission_and_fill') state.submissionFree = freeCash(state, null)
  const only = state.pending[0]!
  if (state.pending.length === 1) {
    if (!isEarly(state, only) && !keepsWaiting(state, only)) {
      state.books[only.symbol]!.pendingCount -= 1
      state.pending.pop()
    }
    return
  }
  const proposals = state.pending
  const kept: Proposal[] = []
  for (const proposal of proposals) {
    if (isEarly(state, proposal) || keepsWaiting(state, proposal)) kept.push(proposal)
    else state.books[proposal.symbol]!.pendingCount -= 1
  }
  state.pending = kept
}

/** Whether the time of a proposal, or of its leg, has not come (P7). */
export function isEarly({ time, slot, books }: TimelineState, proposal: Proposal): boolean {
  const { entryTime, liveTime, liveBar, symbol, functions } = proposal
  if (entryTime > time || liveTime > time) return true
  if (functions !== null && (!proposal.isLive || lacksPrice(proposal))) return true
  return liveBar === liveBar && liveRowAt(books[symbol]!.market, slot) < liveBar
}

/** Whether a function has not said its price yet. */
function lacksPrice({ functions, entryPrice }: Proposal): boolean {
  return functions!.price !== null && entryPrice !== entryPrice
}

/** Acts on one proposal; true if it stays pending. */
function keepsWaiting(state: TimelineState, proposal: Proposal): boolean {
  const book = state.books[proposal.symbol]!
  const { execution } = state.input.config
  if (liveRowAt(book.market, state.slot) < 0) {
    proposal.waited += 1
    if (proposal.waited <= execution.maxWaitBars) return true
    refuseProposal(state, proposal, {
      reason: REASON.expired_stale,
      step: STEP,
      quantity: askedSize(proposal.size),
    })
    return false
  }
  proposal.waited = 0
  const quantity = askedSize(proposal.size)
  // Taken back, and over before there was a bar for it
  if (proposal.until <= state.slot) return refuseFinally(state, proposal, { reason: REASON.expired, quantity })
  if (book.lots.length > 0 && book.side !== proposal.side) {
    return refuseFinally(state, proposal, { reason: REASON.opposite_position, quantity })
  }
  return admit(state, book, proposal)
}

/** A refusal that is not final while tries are left; true if the proposal stays pending. */
function refuseOrRetry(state: TimelineState, proposal: Proposal, why: RefusalFacts & { reason: number }): boolean {
  if (proposal.tries < state.input.config.execution.retryBars) {
    proposal.tries += 1
    return true
  }
  refuseProposal(state, proposal, { ...why, step: STEP })
  return false
}

/** Index into ORDER_TYPES of what a proposal will be. */
export function orderTypeOf(proposal: Proposal): number {
  if (proposal.entryPrice !== proposal.entryPrice || proposal.entryType === ENTRY_MARKET) return MARKET
  if (proposal.executor !== null) return MARKET
  if (proposal.entryType === ENTRY_LIMIT) return LIMIT
  if (proposal.entryType === ENTRY_STOP) return STOP
  if (proposal.entryType === ENTRY_STOP_LIMIT) return STOP_LIMIT
  return proposal.side * proposal.entryPrice <= proposal.side * proposal.close ? LIMIT : STOP
}

/** Price that admission reckons with (P3 d): close, limit or stop, for takers with slippage and up to the tick. */
function reckonedPrice(
  state: TimelineState,
  proposal: Proposal,
  order: { type: number; price: number; limit: number; quantity: number },
): number {
  const { type, price, limit, quantity } = order
  // The stop of a short stop_limit may lie above its limit, and it sells there.
  if (limit === limit) return type === STOP_LIMIT && proposal.side < 0 && price > limit ? price : limit
  const { rules, market } = state.books[proposal.symbol]!
  const { slippage } = state.pricing
  // A stop may fill on a path, where its reserve is all there is: whatever its bar will be must be covered.
  const { side, close, symbol, row } = proposal
  if (type === STOP) return side > 0 ? priceUp(slippage.dearest(price), rules.tick) : price
  const volume = market.volume[row]!
  if (side > 0) return priceUp(slippage.price('buy', close, quantity, volume, symbol, row), rules.tick)
  return priceDown(slippage.price('sell', close, quantity, volume, symbol, row), rules.tick)
}

/** Limit or stop price on the tick; 0 for market. */
function orderPrice(proposal: Proposal, type: number, tick: number | null): number {
  if (type === MARKET) return 0
  return priceInDirection(proposal.entryPrice, type === LIMIT ? -proposal.side : proposal.side, tick)
}

/** Price on the tick that an order never fills beyond; NaN: none. */
function orderLimit(proposal: Proposal, type: number, tick: number | null): number {
  if (type === LIMIT) return priceInDirection(proposal.entryPrice, -proposal.side, tick)
  return type === STOP_LIMIT ? priceInDirection(proposal.limitPrice, -proposal.side, tick) : Number.NaN
}

/** Cash not reserved, but for `except`'s own reserve; in cross margin that of E which no position binds. */
export function freeCash(state: TimelineState, except: WorkingOrder | null): number {
  let free = state.perp?.isCross ? crossFree(state, state.perp) : state.ledger.cash
  const working = state.working
  for (let i = 0; i < working.length; i++) {
    const order = working[i]!
    if (order !== except) free -= order.reserve
  }
  return free
}

/** P3 (a) to (f); true if the proposal stays pending. */
function admit(state: TimelineState, book: SymbolBook, proposal: Proposal): boolean {
  const full = state.capacity.check(proposal, state.account)
  if (full !== null) {
    return refuseOrRetry(state, proposal, { reason: REASON.capacity, quantity: askedSize(proposal.size), ...full })
  }
  const { rules } = book
  const target = proposal.size === proposal.size ? proposal.size : state.sizing.size(proposal, state.history)
  if (typeof target === 'string') return refuseFinally(state, proposal, { reason: REASON[target], quantity: 0 })
  const draft = draftOrder(state, book, proposal, target)
  const { type, quantity } = draft
  const reason = tooSmall(rules, draft.units, quantity, draft.reckoned)
  if (reason !== 0) return refuseFinally(state, proposal, { reason, quantity, orderType: type })
  const short = payFor(state, book, proposal.side, draft)
  if (short !== null) {
    return refuseOrRetry(state, proposal, {
      reason: REASON.insufficient_cash,
      quantity,
      orderType: type,
      needed: short.needed,
      available: short.available,
    })
  }
  if (rules.step !== null && draft.units > EXACT_UNITS) {
    const facts = { quantity: draft.quantity, orderType: type }
    return refuseFinally(state, proposal, { reason: REASON.quantity_too_large, ...facts })
  }
  const hit = state.risk === null ? null : askRisk(state, state.risk, proposal, draft)
  if (hit !== null) {
    const facts = { quantity: draft.quantity, orderType: type }
    if (hit === 'no_stop') return refuseFinally(state, proposal, { reason: REASON.no_stop, ...facts })
    return refuseOrRetry(state, proposal, { reason: REASON.risk, ...facts, ...hit })
  }
  place(state, book, proposal, draft)
  return false
}

/** P3 (e): a percent stop loss is reckoned from the reckoned price. */
function askRisk(
  state: TimelineState,
  risk: RiskPolicy,
  proposal: Proposal,
  { quantity, reckoned, exposure }: Draft,
): LimitHit | 'no_stop' | null {
  const { side } = proposal
  const stop = priceInDirection(firstStop(proposal, reckoned), -side, state.books[proposal.symbol]!.rules.tick)
  return risk.check({ proposal, side, quantity, price: reckoned, stop, exposure }, state.account)
}

/** A refusal that no try can change; false: the proposal does not stay pending. */
function refuseFinally(state: TimelineState, proposal: Proposal, why: RefusalFacts & { reason: number }): false {
  refuseProposal(state, proposal, { ...why, step: STEP })
  return false
}

/** P3 (c): type, price and rounded quantity. */
function draftOrder(state: TimelineState, book: SymbolBook, proposal: Proposal, target: number): Draft {
  const { rules } = book
  const type = orderTypeOf(proposal)
  const price = orderPrice(proposal, type, rules.tick)
  const { restUnits, leftUnits } = proposal
  const known = leftUnits === leftUnits ? leftUnits : restUnits
  const units = known === known ? known : unitsOf(target, rules)
  const quantity = quantityOf(units, rules)
  const { draft } = state
  draft.type = type
  draft.limit = orderLimit(proposal, type, rules.tick)
  draft.price = price
  draft.units = units
  draft.quantity = quantity
  draft.reckoned = reckonedPrice(state, proposal, draft)
  return draft
}

/** P3 (d): sets the need of a draft and shrinks it to what is free. The need and what is free if that does not do. */
function payFor(state: TimelineState, book: SymbolBook, side: number, draft: Draft): LimitHit | null {
  const { rules } = book
  const { reckoned, quantity } = draft
  const order = { symbol: book.index, side, quantity, price: reckoned, mayRest: draft.type !== MARKET }
  const terms = state.pricing.fee.terms(draft.limit === draft.limit ? 'either' : 'taker', state.ledger.traded, order)
  const { leverage } = rules
  draft.need = cashNeed(draft.quantity, reckoned, terms, leverage)
  draft.exposure = leverage === 1 ? draft.need : cashNeed(draft.quantity, reckoned, terms, 1)
  const { cashCheck, onShortfall } = state.input.config.execution
  const available = cashCheck === 'admit' ? freeCash(state, null) : state.submissionFree
  if (cashCheck === 'fill' || !(draft.need > available)) return null
  const isFinal = onShortfall === 'refuse'
  const fewer = isFinal ? 0 : affordableUnits(available, reckoned, terms, rules)
  if (isFinal || tooSmall(rules, fewer, quantityOf(fewer, rules), reckoned) !== 0) {
    return { needed: draft.need, available }
  }
  draft.units = fewer
  draft.quantity = quantityOf(fewer, rules)
  draft.need = cashNeed(draft.quantity, reckoned, terms, leverage)
  draft.exposure = leverage === 1 ? draft.need : cashNeed(draft.quantity, reckoned, terms, 1)
  return null
}

/** Reason why an order is too small to be placed (F10), 0 if it is not. */
export function tooSmall(rules: SymbolRules, units: number, quantity: number, price: number): number {
  if (units <= 0) return REASON.zero_quantity
  if (quantity < rules.minQuantity) return REASON.below_min_quantity
  return quantity * price < rules.minNotional ? REASON.below_min_notional : 0
}

/** P3 (f): the order works, and its need is reserved, unless `cashCheck` has it otherwise. */
function place(state: TimelineState, book: SymbolBook, proposal: Proposal, draft: Draft): void {
  const order: WorkingOrder = {
    id: state.nextOrder,
    proposal,
    type: draft.type,
    price: draft.price,
    limit: draft.limit,
    restsFrom: draft.type === LIMIT ? state.slot : Number.POSITIVE_INFINITY,
    units: draft.units,
    quantity: draft.quantity,
    asked: draft.units,
    lot: proposal.group?.lot ?? null,
    hasFilled: false,
    takes: false,
    reserve: state.input.config.execution.cashCheck === 'admit' ? draft.need : 0,
    exposure: draft.exposure,
    tp: priceInDirection(proposal.tpPrice, proposal.side, book.rules.tick),
    sl: priceInDirection(proposal.slPrice, -proposal.side, book.rules.tick),
    slot: state.slot,
    until: proposal.until === proposal.until ? proposal.until : expirySlot(state, proposal),
    waited: 0,
    waitedSlot: -1,
  }
  state.nextOrder += 1
  state.submissionFree -= draft.need
  proposal.until = order.until
  state.working.push(order)
  proposal.group?.orders.push(order)
  order.lot?.entries.push(order)
  noteExpiry(state, order)
  book.working.push(order)
  if (order.type !== MARKET) updateBook(state, book)
  const record = startRecord(state, KIND.admit, REASON.none, STEP)
  record.side = sideCode(proposal.side)
  record.orderType = order.type
  record.symbol = order.proposal.symbol
  record.order = order.id
  record.decision = order.proposal.number
  record.quantity = order.quantity
  record.gross = order.price
  if (order.type === STOP_LIMIT) record.price = order.limit
  record.needed = order.reserve
  putRecord(state)
}
