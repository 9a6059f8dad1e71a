import { priceDown, priceUp, type SymbolRules } from '../execution/rounding.ts'
import { LIMIT, MARKET, STOP, type Proposal, type SymbolBook, type WorkingOrder } from '../portfolio/book.ts'
import { affordableUnits, cashNeed, EXACT_UNITS, quantityOf, unitsOf } from '../portfolio/money.ts'
import { liveRowAt } from '../portfolio/symbol-market.ts'
import { askedSize, putRecord, refuseProposal, startRecord, updateBook, type RefusalFacts } from './booking.ts'
import { KIND, REASON } from './record-codes.ts'
import type { TimelineState } from './timeline-state.ts'

const STEP = 5
const ENTRY_MARKET = 1
const ENTRY_LIMIT = 2
const ENTRY_STOP = 3

/** Step 5: pending proposals whose symbol has a live bar now are admitted or refused (P3). */
export function admitStep(state: TimelineState): void {
  if (state.pending.length === 0) return
  const only = state.pending[0]!
  if (state.pending.length === 1) {
    if (!(only.entryTime > state.time) && !keepsWaiting(state, only)) {
      state.books[only.symbol]!.pendingCount -= 1
      state.pending.pop()
    }
    return
  }
  const proposals = state.pending
  const kept: Proposal[] = []
  for (const proposal of proposals) {
    if (proposal.entryTime > state.time || keepsWaiting(state, proposal)) kept.push(proposal)
    else state.books[proposal.symbol]!.pendingCount -= 1
  }
  state.pending = kept
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

function orderTypeOf(proposal: Proposal): number {
  if (proposal.entryPrice !== proposal.entryPrice || proposal.entryType === ENTRY_MARKET) return MARKET
  if (proposal.entryType === ENTRY_LIMIT) return LIMIT
  if (proposal.entryType === ENTRY_STOP) return STOP
  return proposal.entryPrice <= proposal.close ? LIMIT : STOP
}

/** Price that admission reckons with (P3 d): close, limit or stop, for takers with slippage and up to the tick. */
function reckonedPrice(
  state: TimelineState,
  proposal: Proposal,
  order: { type: number; price: number; quantity: number },
): number {
  const { type, price, quantity } = order
  if (type === LIMIT) return price
  const { rules, market } = state.books[proposal.symbol]!
  const { slippage } = state.pricing
  // A stop may fill on a path, where its reserve is all there is: whatever its bar will be must be covered.
  if (type === STOP) return priceUp(slippage.dearest(price), rules.tick)
  return priceUp(slippage.price('buy', proposal.close, quantity, market.volume[proposal.row]!), rules.tick)
}

/** Limit or stop price on the tick; 0 for market. */
function orderPrice(proposal: Proposal, type: number, tick: number | null): number {
  if (type === MARKET) return 0
  return type === LIMIT ? priceDown(proposal.entryPrice, tick) : priceUp(proposal.entryPrice, tick)
}

/** Cash not reserved, but for `except`'s own reserve. */
export function freeCash(state: TimelineState, except: WorkingOrder | null): number {
  let free = state.ledger.cash
  const working = state.working
  for (let i = 0; i < working.length; i++) {
    const order = working[i]!
    if (order !== except) free -= order.reserve
  }
  return free
}

/** P3 (a) to (f); true if the proposal stays pending. */
function admit(state: TimelineState, book: SymbolBook, proposal: Proposal): boolean {
  const used = state.openLots + state.working.length
  if (used >= state.capacity.max) {
    const facts = { quantity: askedSize(proposal.size), needed: used + 1, available: state.capacity.max }
    return refuseOrRetry(state, proposal, { reason: REASON.capacity, ...facts })
  }
  const { rules } = book
  const type = orderTypeOf(proposal)
  const price = orderPrice(proposal, type, rules.tick)
  const target = proposal.size === proposal.size ? proposal.size : state.sizing.size(proposal)
  let units = unitsOf(target, rules)
  let quantity = quantityOf(units, rules)
  const reckoned = reckonedPrice(state, proposal, { type, price, quantity })
  const reason = tooSmall(rules, units, quantity, reckoned)
  if (reason !== 0) {
    refuseProposal(state, proposal, { reason, step: STEP, quantity, orderType: type })
    return false
  }
  const terms = state.pricing.fee.terms(type === LIMIT ? 'either' : 'taker', state.ledger.traded)
  let needed = cashNeed(quantity, reckoned, terms)
  const available = freeCash(state, null)
  if (needed > available) {
    const isFinal = state.input.config.execution.onShortfall === 'refuse'
    const fewer = isFinal ? 0 : affordableUnits(available, reckoned, terms, rules)
    if (isFinal || tooSmall(rules, fewer, quantityOf(fewer, rules), reckoned) !== 0) {
      const facts = { quantity, orderType: type, needed, available }
      return refuseOrRetry(state, proposal, { reason: REASON.insufficient_cash, ...facts })
    }
    units = fewer
    quantity = quantityOf(units, rules)
    needed = cashNeed(quantity, reckoned, terms)
  }
  if (rules.step !== null && units > EXACT_UNITS) {
    refuseProposal(state, proposal, { reason: REASON.quantity_too_large, step: STEP, quantity, orderType: type })
    return false
  }
  place(state, book, {
    id: state.nextOrder,
    proposal,
    type,
    price,
    units,
    quantity,
    reserve: needed,
    tp: priceUp(proposal.tpPrice, rules.tick),
    sl: priceDown(proposal.slPrice, rules.tick),
    slot: state.slot,
    waited: 0,
    waitedSlot: -1,
  })
  return false
}

/** Reason why an order is too small to be placed (F10), 0 if it is not. */
export function tooSmall(rules: SymbolRules, units: number, quantity: number, price: number): number {
  if (units <= 0) return REASON.zero_quantity
  if (quantity < rules.minQuantity) return REASON.below_min_quantity
  return quantity * price < rules.minNotional ? REASON.below_min_notional : 0
}

function place(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  state.nextOrder += 1
  state.working.push(order)
  book.working.push(order)
  if (order.type !== MARKET) updateBook(state, book)
  const record = startRecord(state, KIND.admit, REASON.none, STEP)
  record.orderType = order.type
  record.symbol = order.proposal.symbol
  record.order = order.id
  record.decision = order.proposal.number
  record.quantity = order.quantity
  record.gross = order.price
  record.needed = order.reserve
  putRecord(state)
}
