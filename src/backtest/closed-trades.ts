import type { TimelineState } from './timeline-state.ts'
import type { Lot } from '../portfolio/orders.ts'

/** A closed trade, for sizing: only as many as it looks back on. */
export function noteTrade(state: TimelineState, lot: Lot): void {
  const { returns } = state.history
  if (returns.length === state.sizing.window) returns.shift()
  returns.push(lot.net / lot.staked)
}
