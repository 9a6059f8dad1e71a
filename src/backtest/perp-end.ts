import { closeAllLots } from './booking.ts'
import { endAllOrders, recordWriteOff } from './perp-cross.ts'
import { ORDER_TYPE, PATH, REASON, RULE } from './record-codes.ts'
import type { TimelineState } from './timeline-state.ts'

const STEP = 1

/**
 * E at or below 0 ends trading (M): orders end, lots are closed at their marks without a fee, what is missing is written
 * off, and E is 0 from this close on.
 */
export function endBankrupt(state: TimelineState): void {
  endAllOrders(state, { reason: REASON.bankrupt, step: STEP })
  for (const book of state.held.slice()) {
    const { fill } = state
    fill.gross = book.mark
    fill.price = book.mark
    fill.insured = 0
    fill.liquidity = 0
    fill.rule = RULE.M
    fill.step = STEP
    fill.path = PATH.none
    closeAllLots(state, book, (lot) => ({
      reason: REASON.bankrupt,
      orderType: ORDER_TYPE.market,
      order: 0,
      decision: lot.proposal.number,
    }))
  }
  if (state.ledger.cash < 0) recordWriteOff(state, STEP)
  state.equity.fill(0, state.slot - 1)
}
