/*
 * How proposals, closes and working entries end without a fill, each with its record.
 */
import { quantityOf } from '../portfolio/money.ts'
import { MARKET } from '../portfolio/book.ts'
import type { PendingClose } from '../portfolio/pending-close.ts'
import { dropExit, dropWorking, putRecord, startRecord } from './book-state.ts'
import { KIND, REASON, sideCode } from './record-codes.ts'
import type { RecordWriter } from './record-stream.ts'
import type { TimelineState } from './timeline-state.ts'
import type { ExitOrder, Lot, Proposal, WorkingOrder } from '../portfolio/orders.ts'

/** What a refusal says beside its reason. */
export interface RefusalFacts {
  readonly quantity: number
  /** Order type as far as known; absent: none. */
  readonly orderType?: number
  readonly needed?: number
  readonly available?: number
  /** What a policy of the user says of it. */
  readonly text?: string
}

/** How a close ends. */
interface CloseEnd {
  readonly reason: number
  readonly step: number
  readonly quantity: number
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
  if (why.text !== undefined) state.input.onRefusalText?.(record.count - 1, why.text)
  record.side = sideCode(proposal.side)
  record.orderType = why.orderType ?? 0
  record.symbol = proposal.symbol
  record.decision = proposal.number
  record.quantity = why.quantity
  record.needed = why.needed ?? 0
  record.available = why.available ?? 0
  putRecord(state)
}

/** A pending close ends by refusal. The caller takes it out of `closes`. */
export function refuseClose(state: TimelineState, close: PendingClose, why: CloseEnd): void {
  putCloseEnd(state, close, KIND.refuse, why)
}

/** A close ends before it is done: refused if it has not acted, else cancelled. The caller takes it out of `closes`. */
export function endClose(state: TimelineState, close: PendingClose, why: CloseEnd): void {
  if (close.rest !== close.rest) return refuseClose(state, close, why)
  const quantity = close.rest < Number.POSITIVE_INFINITY ? leftOf(state, close) : 0
  putCloseEnd(state, close, KIND.cancel, { ...why, quantity })
}

function putCloseEnd(state: TimelineState, close: PendingClose, kind: number, why: CloseEnd): void {
  const record = startRecord(state, kind, why.reason, why.step)
  record.side = sideCode(close.side)
  record.orderType = MARKET
  record.symbol = close.symbol
  record.order = close.order
  record.decision = close.number
  record.quantity = why.quantity
  putRecord(state)
}

function leftOf(state: TimelineState, close: PendingClose): number {
  return quantityOf(close.rest, state.books[close.symbol]!.rules)
}

/** A working entry ends by refusal at its fill. */
export function refuseWorking(
  state: TimelineState,
  order: WorkingOrder,
  why: { reason: number; step: number; needed?: number; available?: number },
): void {
  const record = startWorkingEnd(state, order, KIND.refuse, why)
  record.decision = order.proposal.number
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
  const record = startWorkingEnd(state, order, KIND.cancel, why)
  record.decision = why.decision
  putRecord(state)
}

/** A resting exit is cancelled; `decision` is the number of the decision that caused it. */
export function cancelExit(
  state: TimelineState,
  order: ExitOrder,
  why: { reason: number; step: number; decision: number },
): void {
  dropExit(state, state.books[order.proposal.symbol]!, order)
  const record = startRecord(state, KIND.cancel, why.reason, why.step)
  record.side = sideCode(order.proposal.side)
  record.orderType = order.type
  record.symbol = order.proposal.symbol
  record.order = order.id
  record.decision = why.decision
  record.quantity = order.quantity
  putRecord(state)
}

function startWorkingEnd(
  state: TimelineState,
  order: WorkingOrder,
  kind: number,
  why: { reason: number; step: number },
): RecordWriter {
  dropWorking(state, state.books[order.proposal.symbol]!, order)
  const record = startRecord(state, kind, why.reason, why.step)
  record.side = sideCode(order.proposal.side)
  record.orderType = order.type
  record.symbol = order.proposal.symbol
  record.order = order.id
  record.quantity = order.quantity
  return record
}

/**
 * A lot that ends, or whose bracket acts, is not entered any further, and its exit legs have nothing to close: orders are
 * cancelled, legs that wait refused.
 */
export function endEntries(state: TimelineState, lot: Lot, why: { step: number; decision: number }): void {
  const reason = REASON.closed_lot
  while (lot.entries.length > 0) cancelWorking(state, lot.entries[0]!, { reason, ...why })
  const { group, symbol } = lot.proposal
  if (group === null) return
  for (const order of state.books[symbol]!.exits.slice()) {
    if (order.lot === lot) cancelExit(state, order, { reason, ...why })
  }
  const isGone = (one: Proposal): boolean => one.group === group
  const pending = state.pending.length > 0 ? state.pending.filter(isGone) : []
  const exits = state.exitLegs.length > 0 ? state.exitLegs.filter(isGone) : []
  if (pending.length > 0) state.pending = state.pending.filter((one) => !isGone(one))
  if (exits.length > 0) state.exitLegs = state.exitLegs.filter((one) => !isGone(one))
  state.books[symbol]!.pendingCount -= pending.length
  for (const one of [...pending, ...exits]) {
    refuseProposal(state, one, { reason, step: why.step, quantity: askedSize(one.size) })
  }
}
