/*
 * Theory of operation: phase 2. At each instant the steps of T2 run in their order over all symbols: close, decide,
 * open-exit, admit, open-entry, path (funding has no rows on a spot market). Only instants that may do something run them;
 * the slots between two such instants are marked in one sweep (step-close.ts, quiet-range.ts). The same code plays the
 * decisions inside the cell and, from the decision log that the cell hands out, on the host: nothing of the log is
 * believed before `orderDecisions` has checked it, and everything else is the host's own.
 */
import { takerPrice } from '../execution/pricing.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import { rowAt } from '../portfolio/symbol-market.ts'
import { closeAllLots, setExitPrice } from './booking.ts'
import type { DecisionLog } from './decision-log.ts'
import { expireOrders } from './order-life.ts'
import { testCrossAtClose, testCrossAtOpen } from './perp-cross.ts'
import { endBankrupt } from './perp-end.ts'
import { fundingStep } from './perp-funding.ts'
import { liquidateAtOpen } from './perp-liquidation.ts'
import { nextBusySlot } from './quiet-range.ts'
import { ORDER_TYPE, PATH, REASON, RULE, TAKER } from './record-codes.ts'
import { admitStep } from './step-admit.ts'
import { closeSlots } from './step-close.ts'
import { decideStep, endSymbol } from './step-decide.ts'
import { entryStep } from './step-entries.ts'
import { closeAtCloses, exitNewLots, exitStep } from './step-exits.ts'
import { pathStep } from './step-path.ts'
import { trailStep } from './step-trail.ts'
import { createTimelineState } from './open-timeline.ts'
import { slotTime, type AmbiguousBar, type TimelineInput, type TimelineState } from './timeline-state.ts'

export type { AmbiguousBar, TimelineInput }

/** A lot that is open at the end of the run. */
export interface OpenLotFacts {
  readonly lot: number
  readonly symbol: number
  /** Entry order and opening decision (numbers as in the records). */
  readonly order: number
  readonly decision: number
  readonly side: 'long' | 'short'
  readonly quantity: number
  readonly entry: number
  /** Bracket prices; null: none. */
  readonly tp: number | null
  readonly sl: number | null
  /** Last close of the symbol. */
  readonly mark: number
}

export interface TimelineOutput {
  /** The record stream (records.ts). */
  readonly records: Uint8Array<ArrayBuffer>
  readonly recordCount: number
  /** E(tau 1..n), quote currency. */
  readonly equity: Float64Array<ArrayBuffer>
  /** The first 10,000 ambiguous bars; count and summed difference of all (F8 `bounds.local`). */
  readonly ambiguity: readonly AmbiguousBar[]
  readonly ambiguityCount: number
  readonly ambiguityDifference: number
  readonly openLots: readonly OpenLotFacts[]
  /** What was played: the decisions of the input, or all that a portfolio strategy did. */
  readonly decisions: DecisionLog
  /** Bars that might have liquidated a cross margin account between their open and their close (L4). */
  readonly crossAmbiguous: number
  /** The invariant did not hold (C3): the run ends as platform_error(invariant). Records and E end there. */
  readonly breach: string | null
  /** The strategy placed more than is allowed: strategy_error(too_many_orders). Records and E end there. */
  readonly tooManyOrders: string | null
}

const PROGRESS_CALLS = 100

/**
 * Plays the decisions of a run over its candles (T2). Linear in slots that matter; deterministic to the last bit.
 * @throws `protocol` if the decision log does not fit the run; `invalid_config` for an unknown limitTouch
 */
export function playTimeline(input: TimelineInput): TimelineOutput {
  const state = createTimelineState(input)
  const endings = [...state.books].sort((a, b) => a.market.lastSlot - b.market.lastSlot || a.index - b.index)
  const sweep = Math.max(1, Math.ceil(state.slots / PROGRESS_CALLS))
  let closed = 0
  let ending = 0
  while (!hasStopped(state)) {
    const reported = Math.min(state.slots, closed + sweep)
    let busy = nextInstant(state, closed + 1, reported)
    closeSlots(state, closed, busy < state.slots ? busy : state.slots - 1)
    if (isBankrupt(state)) busy = state.perp!.bankruptSlot + 1
    closed = busy
    if (busy === state.slots) break
    state.slot = busy
    state.time = slotTime(state, busy)
    state.user.at(busy, state.time)
    while (ending < endings.length && endings[ending]!.market.lastSlot < busy) {
      endSymbol(state, endings[ending]!)
      ending += 1
    }
    expireOrders(state)
    if (isBankrupt(state)) {
      endBankrupt(state)
      break
    }
    runInstant(state)
    if (busy === reported) input.onProgress?.(busy, state.slots, state.time)
  }
  if (!hasStopped(state) && !isBankrupt(state)) closeRun(state)
  return outputOf(state)
}

function hasStopped(state: TimelineState): boolean {
  return state.breach !== null || state.tooManyOrders !== null
}

/** The next instant from `slot` on that may do something: a decision is due, `onBar` is called, an order expires, or steps 4 to 7 have work; at most `limit`. */
function nextInstant(state: TimelineState, slot: number, limit: number): number {
  const { due } = state.order
  const decision = state.nextDecision < due.length ? due[state.nextDecision]! : limit
  const call = state.portfolio === null ? limit : state.portfolio.nextCall(slot, limit)
  const known = decision < call ? decision : call
  return nextBusySlot(state, slot, state.nextExpiry < known ? state.nextExpiry : known)
}

/** E was at or below 0: trading has ended (M). */
function isBankrupt(state: TimelineState): boolean {
  return state.perp !== null && state.perp.bankruptSlot >= 0
}

function runInstant(state: TimelineState): void {
  const { perp } = state
  if (perp?.isCross) testCrossAtClose(state, perp)
  decideStep(state)
  if (perp !== null) fundingStep(state, perp, false)
  if (state.takesCloses) closeAtCloses(state)
  if (perp !== null) {
    if (perp.isCross) testCrossAtOpen(state, perp)
    else liquidateAtOpen(state, perp)
  }
  exitStep(state)
  admitStep(state)
  entryStep(state)
  if (state.takesCloses) exitNewLots(state)
  if (perp !== null) fundingStep(state, perp, true)
  pathStep(state)
  trailStep(state)
}

/** Step 1 of the last instant: marks, `endOfData: close` (T6), then the last E. */
function closeRun(state: TimelineState): void {
  state.slot = state.slots
  state.time = slotTime(state, state.slots)
  const last = state.slots - 1
  for (const book of state.held) {
    const row = rowAt(book.market, last)
    if (row >= 0) book.mark = book.market.close[row]!
  }
  if (state.input.config.endOfData === 'close') for (const book of state.held.slice()) closeAtEnd(state, book)
  closeSlots(state, last, state.slots)
  if (isBankrupt(state)) endBankrupt(state)
  state.input.onProgress?.(state.slots, state.slots, state.time)
}

function closeAtEnd(state: TimelineState, book: SymbolBook): void {
  const row = book.market.series.rows - 1
  const { fill } = state
  fill.gross = book.mark
  const taking = { row, gross: book.mark, quantity: book.quantity }
  setExitPrice(state, book, takerPrice(state.pricing, book, -book.side, taking))
  fill.liquidity = TAKER
  fill.rule = RULE.T6
  fill.step = 1
  fill.path = PATH.none
  closeAllLots(state, book, () => {
    const order = state.nextOrder
    state.nextOrder += 1
    return { reason: REASON.end_of_data, orderType: ORDER_TYPE.market, order, decision: 0 }
  })
}

function outputOf(state: TimelineState): TimelineOutput {
  const stopped = hasStopped(state)
  return {
    records: state.writer.finish(),
    recordCount: state.writer.count,
    equity: (stopped ? state.equity.slice(0, state.slot) : state.equity) as Float64Array<ArrayBuffer>,
    ambiguity: state.ambiguity,
    ambiguityCount: state.ambiguityCount,
    ambiguityDifference: state.ambiguityDifference,
    openLots: state.held.flatMap(openLotsOf),
    decisions: state.portfolio === null ? state.log : state.portfolio.log,
    crossAmbiguous: state.perp?.crossAmbiguous ?? 0,
    breach: state.breach,
    tooManyOrders: state.tooManyOrders,
  }
}

function openLotsOf(book: SymbolBook): OpenLotFacts[] {
  return book.lots.map((lot) => ({
    lot: lot.id,
    symbol: book.index,
    order: lot.order,
    decision: lot.proposal.number,
    side: lot.side > 0 ? 'long' : 'short',
    quantity: lot.quantity,
    entry: lot.entry,
    tp: lot.tp === lot.tp ? lot.tp : null,
    sl: lot.sl === lot.sl ? lot.sl : null,
    mark: book.mark,
  }))
}
