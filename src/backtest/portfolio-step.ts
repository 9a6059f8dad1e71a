/*
 * Theory of operation: a portfolio strategy is asked once at each instant at which a ready symbol closes a bar, in step 2
 * (P1, T2). In the cell `state.portfolio` asks it, and what it did becomes the rows that are due now; at the host the same
 * rows come out of the decision log, and nobody is asked. From there on both are one code: an order is a proposal that adds
 * to what there is, a sale closes, a cancel acts at once.
 */
import { REMAINDER } from '../execution/participation.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import type { Proposal } from '../portfolio/proposal.ts'
import { unitsOf } from '../portfolio/money.ts'
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
import { decisionRanks } from './decision-order.ts'
import type { LivePortfolio } from './portfolio-live.ts'
import { CANCEL, CLOSE } from './portfolio-rows.ts'
import { portfolioView } from './portfolio-view.ts'
import { REASON } from './record-codes.ts'
import { askedSize, cancelWorking, endClose, refuseProposal } from './refusals.ts'
import type { TimelineState } from './timeline-state.ts'

const STEP = 2

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
  else if (proposal.side > 0) buy(state, book, proposal)
  else sell(state, book, proposal)
}

function buy(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  const fault = openingFault(state, book, proposal)
  if (fault !== 0) refuseDecision(state, proposal, fault)
  else waitForOpen(state, book, proposal)
}

/** A sale closes lots in order of opening, and leaves working entries alone. More than is held would be a short. */
function sell(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  const { side, size } = proposal
  if (book.lots.length === 0) return refuseDecision(state, proposal, REASON.nothing_to_close)
  if (hasEnded(state, book)) return refuseDecision(state, proposal, REASON.data_ended)
  let held = 0
  for (const lot of book.lots) held += lot.units
  const asked = unitsOf(size, book.rules)
  const over = book.rules.step === null ? REMAINDER * asked : 0
  if (asked - held > over) return refuseDecision(state, proposal, REASON.short_not_allowed)
  queueClose(state, book, { proposal, side, size, reason: REASON.none, keepsEntries: true })
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
  if (pending ?? order ?? close) return
  refuseDecision(state, proposal, REASON.order_gone)
}
