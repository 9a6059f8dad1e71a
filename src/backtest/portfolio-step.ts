/*
 * Theory of operation: a portfolio strategy is asked once at each instant at which a ready symbol closes a bar, in step 2
 * (P1, T2). In the cell `state.portfolio` asks it, and what it did becomes the rows that are due now; at the host the same
 * rows come out of the decision log, and nobody is asked. From there on both are one code: an order against the position
 * closes, any other one is a proposal that adds to what there is, and a cancel acts at once.
 */
import { REMAINDER } from '../execution/participation.ts'
import { MARKET, STOP_LIMIT, type SymbolBook } from '../portfolio/book.ts'
import { quantityOf, unitsOf } from '../portfolio/money.ts'
import type { PendingClose } from '../portfolio/pending-close.ts'
import { removeItem } from './book-state.ts'
import {
  clearEntries,
  hasEnded,
  hasEntries,
  openingFault,
  queueClose,
  refuseDecision,
  waitForOpen,
} from './decide-actions.ts'
import { codeAt, decisionColumns, valueAt } from './decision-columns.ts'
import { TIMES_IN_FORCE } from './decision-log.ts'
import { decisionRanks } from './decision-order.ts'
import type { LivePortfolio } from './portfolio-live.ts'
import { CANCEL, CLOSE } from './portfolio-rows.ts'
import { portfolioView } from './portfolio-view.ts'
import { REASON } from './record-codes.ts'
import { askedSize, cancelExit, cancelWorking, endClose, refuseProposal } from './refusals.ts'
import { placeExit } from './resting-exits.ts'
import { orderTypeOf } from './step-admit.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Proposal } from '../portfolio/orders.ts'

const STEP = 2
const IOC = TIMES_IN_FORCE.indexOf('ioc')

/** Asks the strategy; what it did is due now, and nothing else is. */
export function askPortfolio(state: TimelineState, live: LivePortfolio): void {
  if (!live.isCalledAt(state.slot)) return
  const log = live.ask({
    slot: state.slot,
    time: state.time,
    equity: state.equity[state.slot - 1]!,
    cash: state.ledger.cash,
    changes: state.writer.count,
    isRestless: state.participation !== null || state.held.some((book) => book.isTrailing),
    account: () => portfolioView(state),
  })
  if (log === null) return
  state.decisionsBefore += state.log.rows
  state.log = log
  state.columns = decisionColumns(log)
  state.ranks = decisionRanks(log)
  state.nextDecision = 0
  state.order = {
    rows: Uint32Array.from({ length: log.rows }, (_, row) => row),
    due: new Int32Array(log.rows).fill(state.slot),
  }
}

/** Step 2 of one thing that onBar did. */
export function actOnPortfolio(state: TimelineState, book: SymbolBook, proposal: Proposal, row: number): void {
  const action = codeAt(state.columns.action, row)
  const target = valueAt(state.columns.target, row)
  if (action === CANCEL) cancelOrder(state, book, proposal, target)
  else if (action === CLOSE) closeNow(state, book, proposal, target)
  else placeOrder(state, book, proposal, codeAt(state.columns.reduceOnly, row) > 0)
}

/** What nobody has asked to close yet of the position, in units. */
function freeUnits(state: TimelineState, book: SymbolBook): number {
  let held = 0
  for (const lot of book.lots) held += lot.units
  let queued = 0
  for (const close of state.closes) if (close.symbol === book.index) queued += unitsOfClose(book, close)
  const free = held - queued
  return free > dustOf(book, held) ? free : 0
}

function unitsOfClose(book: SymbolBook, { lot: id, rest, size }: PendingClose): number {
  if (id > 0) return book.lots.find((lot) => lot.id === id)?.units ?? 0
  if (rest === rest) return rest
  return size === size ? unitsOf(size, book.rules) : Number.POSITIVE_INFINITY
}

/** Without a step a remainder of this size is nothing (F10). */
function dustOf({ rules }: SymbolBook, units: number): number {
  return rules.step === null ? REMAINDER * units : 0
}

/** P5 and P6: what an order of a side means at the position of now. */
function placeOrder(state: TimelineState, book: SymbolBook, proposal: Proposal, isReduceOnly: boolean): void {
  const mayOpen = proposal.side > 0 || (state.perp?.config.allowShort ?? false)
  const free = book.lots.length > 0 && book.side !== proposal.side ? freeUnits(state, book) : 0
  if (free > 0) placeAgainst(state, book, proposal, { free, mayOpen, isReduceOnly })
  else if (isReduceOnly || !mayOpen) refuseDecision(state, proposal, REASON.nothing_to_close)
  else openAlso(state, book, proposal)
}

/** Lots add up; entries of the other side end, since both never work together. */
function openAlso(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  const fault = openingFault(state, book, proposal)
  if (fault !== 0) return refuseDecision(state, proposal, fault)
  withdrawOtherSide(state, book, proposal)
  waitForOpen(state, book, proposal)
}

function withdrawOtherSide(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  if (!hasEntries(book) || book.entrySide === proposal.side) return
  clearEntries(state, book, { reason: REASON.reversed, decision: proposal.number })
}

/** What rests against a position is a limit or a stop that may wait, and no cap shares its bars out. */
function mayRest(state: TimelineState, { timeInForce }: Proposal, type: number): boolean {
  return type !== STOP_LIMIT && state.participation === null && timeInForce < IOC
}

/** It closes lots in order of opening and leaves working entries alone; what it asks for beyond them opens the other side. */
function placeAgainst(
  state: TimelineState,
  book: SymbolBook,
  proposal: Proposal,
  { free, mayOpen, isReduceOnly }: { free: number; mayOpen: boolean; isReduceOnly: boolean },
): void {
  const { side } = proposal
  if (hasEnded(state, book)) return refuseDecision(state, proposal, REASON.data_ended)
  const type = orderTypeOf(proposal)
  const asked = unitsOf(proposal.size, book.rules)
  const isOver = asked - free > dustOf(book, asked)
  const size = isOver ? quantityOf(free, book.rules) : proposal.size
  const close = { proposal, side, size, reason: REASON.none, keepsEntries: true }
  if (type !== MARKET && (!isOver || isReduceOnly) && mayRest(state, proposal, type)) {
    return placeExit(state, book, proposal, { type, free, isReduceOnly, lot: null })
  }
  if (type === MARKET && (!isOver || isReduceOnly)) return queueClose(state, book, close)
  if (!mayOpen && isOver) return refuseDecision(state, proposal, REASON.short_not_allowed)
  if (type !== MARKET) return refuseDecision(state, proposal, REASON.opposite_position)
  const fault = openingFault(state, book, proposal)
  if (fault !== 0) return refuseDecision(state, proposal, fault)
  withdrawOtherSide(state, book, proposal)
  queueClose(state, book, close)
  waitForOpen(state, book, { ...proposal, size: quantityOf(asked - free, book.rules) })
}

/** `target`: id of a lot; NaN: the symbol whole, with its working entries (P6). */
function closeNow(state: TimelineState, book: SymbolBook, proposal: Proposal, target: number): void {
  const isWhole = target !== target
  const isHeld = isWhole ? book.lots.length > 0 : book.lots.some(({ id }) => id === target)
  if (isHeld) {
    if (hasEnded(state, book)) return refuseDecision(state, proposal, REASON.data_ended)
    const lot = isWhole ? 0 : target
    return queueClose(state, book, { proposal, side: -book.side, size: Number.NaN, reason: REASON.none, lot })
  }
  if (!isWhole || !hasEntries(book)) return refuseDecision(state, proposal, REASON.nothing_to_close)
  clearEntries(state, book, { reason: REASON.cancelled, decision: proposal.number })
}

/** Whatever waits or works under a number ends. */
function cancelOrder(state: TimelineState, book: SymbolBook, proposal: Proposal, target: number): void {
  const why = { reason: REASON.cancelled, step: STEP }
  const pending = state.pending.find(({ number }) => number === target)
  const order = book.working.find((one) => one.proposal.number === target)
  const close = state.closes.find(({ number }) => number === target)
  const exit = book.exits.find((one) => one.proposal.number === target)
  if (pending !== undefined) {
    removeItem(state.pending, pending)
    book.pendingCount -= 1
    refuseProposal(state, pending, { ...why, quantity: askedSize(pending.size) })
  }
  if (order !== undefined) cancelWorking(state, order, { ...why, decision: proposal.number })
  if (close !== undefined) {
    removeItem(state.closes, close)
    book.closeCount -= 1
    endClose(state, close, { ...why, quantity: askedSize(close.size) })
  }
  if (exit !== undefined) cancelExit(state, exit, { ...why, decision: proposal.number })
  if (pending ?? order ?? close ?? exit) return
  refuseDecision(state, proposal, REASON.order_gone)
}
