/*
 * Theory of operation: a leg against the direction of its proposal closes a part of what the others enter (P2, P6). It never
 * opens, binds nothing and is not admitted: from its decision on it waits, apart from the proposals that open. At the end of
 * step 2, by decision number, a leg whose lot is open and whose time has come is placed: as a close at market, else as a
 * resting exit of that lot alone, which ends with it. So it acts from the bar after the one in which its lot was born. Where
 * nothing of its proposal works, waits or is held any more, no lot will come, and it is refused.
 */
import { MARKET, type SymbolBook } from '../portfolio/book.ts'
import { isEarly, orderTypeOf } from './step-admit.ts'
import { queueClose, refuseDecision } from './decide-actions.ts'
import { checkLiveOrders } from './live-orders.ts'
import { REASON } from './record-codes.ts'
import { placeExit } from './resting-exits.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Lot, Proposal } from '../portfolio/orders.ts'

/** Step 2: the leg waits; under a participation cap nothing rests against a position (F9). */
export function waitForLot(state: TimelineState, book: SymbolBook, leg: Proposal): void {
  if (state.participation !== null) return refuseDecision(state, leg, REASON.opposite_position)
  state.exitLegs.push(leg)
  if (leg.functions !== null) state.asking.push(leg)
  checkLiveOrders(state, book)
}

/** The end of step 2: legs whose lot is open and whose time has come are placed. */
export function placeExitLegs(state: TimelineState): void {
  const { exitLegs } = state
  if (exitLegs.length === 0) return
  const entering = new Set(state.pending.map(({ group }) => group))
  state.exitLegs = []
  for (const leg of exitLegs) {
    const { lot, orders } = leg.group!
    if (lot === null ? orders.length > 0 || entering.has(leg.group) : isEarly(state, leg)) state.exitLegs.push(leg)
    else if (lot === null) refuseDecision(state, leg, REASON.nothing_to_close)
    else place(state, leg, lot)
  }
}

function place(state: TimelineState, leg: Proposal, lot: Lot): void {
  const book = state.books[leg.symbol]!
  const { side, size } = leg
  const type = orderTypeOf(leg)
  if (type !== MARKET) return placeExit(state, book, leg, { type, free: lot.units, isReduceOnly: true, lot })
  queueClose(state, book, { proposal: leg, side, size, reason: REASON.none, lot: lot.id, keepsEntries: true })
}
