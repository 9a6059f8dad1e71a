/* What a decision may do to the orders of its symbol at its own instant (step 2): refuse, wait for the open, close, withdraw. */
import type { SymbolBook } from '../portfolio/book.ts'
import { insertByNumber, putRecord, startRecord } from './book-state.ts'
import { checkLiveOrders } from './live-orders.ts'
import { KIND, ORDER_TYPE, REASON, sideCode } from './record-codes.ts'
import { askedSize, cancelWorking, refuseProposal } from './refusals.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Proposal } from '../portfolio/orders.ts'

const STEP = 2

/** A decision that does nothing. */
export function refuseDecision(state: TimelineState, proposal: Proposal, reason: number): void {
  const record = startRecord(state, KIND.refuse, reason, STEP)
  record.side = sideCode(proposal.side)
  record.symbol = proposal.symbol
  record.decision = proposal.number
  record.quantity = askedSize(proposal.size)
  putRecord(state)
}

/** Whether the decision bar was the last loaded bar of its symbol. */
export function hasEnded(state: TimelineState, book: SymbolBook): boolean {
  return book.market.lastSlot < state.slot
}

/** Whether entries of the symbol work or wait. */
export function hasEntries(book: SymbolBook): boolean {
  return book.working.length > 0 || book.pendingCount > 0
}

/** Why a proposal cannot open at all, 0 if it can. */
export function openingFault(state: TimelineState, book: SymbolBook, proposal: Proposal): number {
  if (hasEnded(state, book)) return REASON.data_ended
  const reference = proposal.entryPrice === proposal.entryPrice ? proposal.entryPrice : proposal.close
  const { side, tpPrice, slPrice, tpPct, slPct, trailPct } = proposal
  const inverted =
    side > 0
      ? tpPrice <= reference || slPrice >= reference || slPct >= 100 || trailPct >= 100
      : tpPrice >= reference || slPrice <= reference || tpPct >= 100
  if (inverted) return REASON.bracket_inverted
  return proposal.entryTime < state.time ? REASON.entry_in_past : 0
}

/** It is admitted where the symbol's next bar starts. */
export function waitForOpen(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  state.pending.push(proposal)
  book.pendingCount += 1
  book.entrySide = proposal.side
  if (proposal.group !== null) proposal.group.isAccepted = true
  if (proposal.functions !== null) state.asking.push(proposal)
  checkLiveOrders(state, book)
}

/** Why a decision ends entries of the other side. */
export function cancelReason(proposal: Proposal): number {
  return proposal.side > 0 ? REASON.cancelled_by_buy : REASON.cancelled_by_sell
}

/** Working entries are cancelled, pending proposals refused. */
export function clearEntries(state: TimelineState, book: SymbolBook, why: { reason: number; decision: number }): void {
  for (const order of book.working.slice()) cancelWorking(state, order, { ...why, step: STEP })
  if (book.pendingCount === 0) return
  const gone = state.pending.filter((one) => one.symbol === book.index)
  state.pending = state.pending.filter((one) => one.symbol !== book.index)
  book.pendingCount = 0
  for (const one of gone) {
    refuseProposal(state, one, { reason: why.reason, step: STEP, quantity: askedSize(one.size) })
  }
}

/** What a closing decision asks for. */
export interface CloseRequest {
  readonly proposal: Proposal
  readonly side: number
  /** Base quantity; NaN: all. */
  readonly size: number
  readonly reason: number
  /** The only lot that it closes; 0: any. */
  readonly lot?: number
  /** Working entries stay, even if nothing is left of the position. */
  readonly keepsEntries?: boolean
}

/** A close acts in step 4 where the symbol's next bar starts. */
export function queueClose(state: TimelineState, book: SymbolBook, close: CloseRequest): void {
  const { proposal, side, size, lot = 0, keepsEntries = false } = close
  const order = state.nextOrder
  state.nextOrder += 1
  insertByNumber(state.closes, {
    order,
    number: proposal.number,
    rank: proposal.rank,
    symbol: proposal.symbol,
    unit: proposal.unit,
    sequence: proposal.sequence,
    side,
    size,
    lot,
    keepsEntries,
    rest: Number.NaN,
    before: 0,
    waited: 0,
  })
  book.closeCount += 1
  const record = startRecord(state, KIND.close, close.reason, STEP)
  record.side = sideCode(side)
  record.orderType = ORDER_TYPE.market
  record.symbol = proposal.symbol
  record.order = order
  record.lot = lot
  record.decision = proposal.number
  record.quantity = askedSize(size)
  putRecord(state)
  checkLiveOrders(state, book)
}
