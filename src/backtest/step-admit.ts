import { priceDown, priceUp } from '../execution/rounding.ts'
import { LIMIT, MARKET, STOP, type Proposal, type SymbolBook, type WorkingOrder } from '../portfolio/book.ts'
import { affordableUnits, cashNeed, quantityOf, unitsOf } from '../portfolio/money.ts'
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
  order: { type: number; price: number; close: number; tick: number | null },
) {
  if (order.type === LIMIT) return order.price
  const gross = order.type === MARKET ? order.close : order.price
  return priceUp(state.pricing.slippage.price('buy', gross), order.tick)
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
    const quantity = askedSize(proposal.size)
    return refuseOrRetry(state, proposal, {
      reason: REASON.capacity,
      quantity,
      needed: used + 1,
      available: state.capacity.max,
    })
  }
  const { rules } = book
  const type = orderTypeOf(proposal)
  const price =
    type === MARKET
      ? 0
      : type === LIMIT
        ? priceDown(proposal.entryPrice, rules.tick)
        : priceUp(proposal.entryPrice, rules.tick)
  const target = proposal.size === proposal.size ? proposal.size : state.sizing.size(proposal)
  const units = unitsOf(target, rules)
  const quantity = quantityOf(units, rules)
  const reckoned = reckonedPrice(state, { type, price, close: proposal.close, tick: rules.tick })
  const refuse = (reason: number): false => {
    refuseProposal(state, proposal, { reason, step: STEP, quantity, orderType: type })
    return false
  }
  if (units <= 0) return refuse(REASON.zero_quantity)
  if (quantity < rules.minQuantity) return refuse(REASON.below_min_quantity)
  if (quantity * reckoned < rules.minNotional) return refuse(REASON.below_min_notional)
  return reserve(state, book, { proposal, type, price, units, quantity, reckoned })
}

/** P3 (d) and (f); true if the proposal stays pending. */
function reserve(
  state: TimelineState,
  book: SymbolBook,
  order: { proposal: Proposal; type: number; price: number; units: number; quantity: number; reckoned: number },
): boolean {
  const { proposal, type, price, reckoned } = order
  const { rules } = book
  const rate = type === LIMIT ? state.pricing.limitRate : state.pricing.takerRate
  let { units, quantity } = order
  let need = cashNeed(quantity, reckoned, rate)
  const free = freeCash(state, null)
  if (need > free) {
    const refusal = { reason: REASON.insufficient_cash, quantity, orderType: type, needed: need, available: free }
    if (state.input.config.execution.onShortfall === 'refuse') return refuseOrRetry(state, proposal, refusal)
    units = affordableUnits(free, { price: reckoned, rate, rules })
    quantity = quantityOf(units, rules)
    if (units <= 0 || quantity < rules.minQuantity || quantity * reckoned < rules.minNotional) {
      return refuseOrRetry(state, proposal, refusal)
    }
    need = cashNeed(quantity, reckoned, rate)
  }
  place(state, book, {
    id: state.nextOrder,
    proposal,
    type,
    price,
    units,
    quantity,
    reserve: need,
    tp: priceUp(proposal.tpPrice, rules.tick),
    sl: priceDown(proposal.slPrice, rules.tick),
    slot: state.slot,
    waited: 0,
    waitedSlot: -1,
  })
  return false
}

function place(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  state.nextOrder += 1
  state.working.push(order)
  book.working.push(order)
  updateBook(state, book)
  const record = startRecord(state, { kind: KIND.admit, reason: REASON.none, step: STEP })
  record.orderType = order.type
  record.symbol = order.proposal.symbol
  record.order = order.id
  record.decision = order.proposal.number
  record.quantity = order.quantity
  record.gross = order.price
  record.needed = order.reserve
  putRecord(state)
}
