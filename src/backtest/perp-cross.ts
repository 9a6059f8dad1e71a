/*
 * Theory of operation: in cross margin all positions share one wallet. It is tested where all prices are of one instant, at
 * closes and opens (L4): while equity does not exceed the maintenance of all positions, the lot that lost most is closed.
 * What all adverse extremes of a bar together would have done is counted, since no line through several symbols is known.
 */
import { maintenanceOf, tierIndexAt } from '../execution/margin-tiers.ts'
import { writeOff } from '../ledger/ledger.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import { compareT3Keys } from '../portfolio/t3-keys.ts'
import { rowAt } from '../portfolio/symbol-market.ts'
import { putRecord, startRecord } from './book-state.ts'
import { closeLot } from './booking.ts'
import { markAt } from './perp-liquidation.ts'
import type { PerpState } from './perp-state.ts'
import { KIND, ORDER_TYPE, PATH, REASON, RULE, TAKER } from './record-codes.ts'
import { askedSize, cancelExit, cancelWorking, refuseClose, refuseProposal } from './refusals.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Lot } from '../portfolio/orders.ts'

/** Marks of the held symbols of one instant, by symbol. */
type Marks = Float64Array

/** Whether equity at these marks does not exceed maintenance. */
function isUnderwater(state: TimelineState, perp: PerpState, marks: Marks): boolean {
  if (state.held.length === 0) return false
  let equity = state.ledger.cash
  let maintenance = 0
  for (const book of state.held) {
    const mark = marks[book.index]!
    equity += book.side * book.quantity * (mark - book.averageEntry)
    maintenance += maintenanceOf(perp.tiers[book.index]!, book.quantity * mark)
  }
  return equity <= maintenance
}

/** Step 1: counts the bar that ended if its extremes would have liquidated and its close does not, then tests the close. */
export function testCrossAtClose(state: TimelineState, perp: PerpState): void {
  if (state.held.length === 0) return
  const { marks, extremes } = perp
  for (const book of state.held) {
    const { index, side } = book
    extremes[index] = markAt(book, state.slot - 1, side > 0 ? 'low' : 'high', marks[index]!)
    marks[index] = markAt(book, state.slot - 1, 'close', marks[index]!)
  }
  if (isUnderwater(state, perp, marks)) liquidateAccount(state, perp, { step: 1, marks })
  else if (isUnderwater(state, perp, extremes)) perp.crossAmbiguous += 1
}

/** Step 4: tests the opens of the bars that begin now. */
export function testCrossAtOpen(state: TimelineState, perp: PerpState): void {
  if (state.held.length === 0) return
  const { opens, marks } = perp
  for (const book of state.held) opens[book.index] = markAt(book, state.slot, 'open', marks[book.index]!)
  if (isUnderwater(state, perp, opens)) liquidateAccount(state, perp, { step: 4, marks: opens })
}

function liquidateAccount(state: TimelineState, perp: PerpState, at: { step: number; marks: Marks }): void {
  endAllOrders(state, { reason: REASON.liquidated, step: at.step })
  while (isUnderwater(state, perp, at.marks)) closeWorst(state, perp, at)
  if (state.held.length === 0 && state.ledger.cash < 0) recordWriteOff(state, at.step)
}

/** Pending proposals, waiting exit legs, pending closes and working entries end, each in its order. */
export function endAllOrders(state: TimelineState, why: { reason: number; step: number }): void {
  const { pending, exitLegs, closes } = state
  state.pending = []
  state.exitLegs = []
  state.closes = []
  for (const book of state.books) {
    book.pendingCount = 0
    book.closeCount = 0
  }
  for (const one of [...pending, ...exitLegs]) {
    refuseProposal(state, one, { ...why, quantity: askedSize(one.size) })
  }
  for (const one of closes) refuseClose(state, one, { ...why, quantity: askedSize(one.size) })
  for (const order of state.working.slice()) cancelWorking(state, order, { ...why, decision: order.proposal.number })
  for (const order of state.exits.slice()) cancelExit(state, order, { ...why, decision: order.proposal.number })
}

/** Closes the lot with the lowest unrealised profit at the price of the instant, with taker and clearance fee. */
function closeWorst(state: TimelineState, perp: PerpState, at: { step: number; marks: Marks }): void {
  let worst: Lot | null = null
  let lowest = 0
  for (const book of state.held) {
    for (const lot of book.lots) {
      const unrealised = lot.side * (lot.quantity * (at.marks[book.index]! - lot.entry))
      const tie =
        worst !== null && unrealised === lowest ? compareT3Keys(lot.proposal, worst.proposal) || lot.id - worst.id : 0
      if (worst !== null && (unrealised > lowest || (unrealised === lowest && tie > 0))) continue
      worst = lot
      lowest = unrealised
    }
  }
  if (worst === null) return
  const book = state.books[worst.proposal.symbol]!
  const price = priceNow(state, book, at.step)
  const { fill } = state
  fill.gross = price
  fill.price = price
  fill.insured = 0
  fill.liquidity = TAKER
  fill.rule = RULE.L4
  fill.step = at.step
  fill.path = PATH.none
  const tiers = perp.tiers[book.index]!
  const { kappa } = tiers[tierIndexAt(tiers, book.quantity * at.marks[book.index]!)]!
  perp.clearanceRate = kappa
  const { number } = worst.proposal
  closeLot(state, worst, { reason: REASON.liquidation, orderType: ORDER_TYPE.market, order: 0, decision: number })
  perp.clearanceRate = 0
}

/** Step 1: the last close; step 4: the open of the bar that begins, without one the last close. */
function priceNow(state: TimelineState, book: SymbolBook, step: number): number {
  const row = step === 4 ? rowAt(book.market, state.slot) : -1
  return row < 0 ? book.mark : book.market.open[row]!
}

/** A wallet below 0 without a position left is written off (C3). */
export function recordWriteOff(state: TimelineState, step: number): void {
  const amount = writeOff(state.ledger)
  const record = startRecord(state, KIND.write_off, REASON.written_off, step)
  record.rule = RULE.L4
  record.realised = amount
  putRecord(state)
}
