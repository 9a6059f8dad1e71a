/*
 * How long a working entry lives (F5). gtd and day end at an instant that is known when the order is placed; `nextExpiry`
 * is never later than the first of them, so that the timeline stops there and nowhere else. ioc and fok end in the step in
 * which they may first trade.
 */
import { TIMES_IN_FORCE } from './decision-log.ts'
import { REASON } from './record-codes.ts'
import { cancelExit, cancelWorking } from './refusals.ts'
import type { TimelineState } from './timeline-state.ts'
import type { Proposal, WorkingOrder } from '../portfolio/orders.ts'

const GTD = TIMES_IN_FORCE.indexOf('gtd')
const DAY = TIMES_IN_FORCE.indexOf('day')
const IOC = TIMES_IN_FORCE.indexOf('ioc')
const FOK = TIMES_IN_FORCE.indexOf('fok')
const DAY_MS = 86_400_000
const NEVER = Number.POSITIVE_INFINITY

/** Slot at whose open an order that is placed now has expired; infinity: never. */
export function expirySlot(state: TimelineState, proposal: Proposal): number {
  const { timeInForce } = proposal
  if (timeInForce === GTD) return state.slot + proposal.expiresAfterBars
  if (timeInForce !== DAY) return NEVER
  // The opens of weeks and months are midnights.
  if (state.slotMs === null) return state.slot + 1
  const midnight = (Math.floor(state.time / DAY_MS) + 1) * DAY_MS
  return Math.ceil((midnight - state.input.window.start) / state.slotMs)
}

/** Whether an order fills at once or not at all; what it could not fill is cancelled. */
export function isImmediate(order: WorkingOrder): boolean {
  return order.proposal.timeInForce >= IOC
}

/** Whether an order fills whole or not at all. */
export function isAllOrNothing(order: WorkingOrder): boolean {
  return order.proposal.timeInForce === FOK
}

/** Notes when an order that was placed expires. */
export function noteExpiry(state: TimelineState, order: Pick<WorkingOrder, 'until'>): void {
  if (order.until < state.nextExpiry) state.nextExpiry = order.until
}

/** Step 1, after ended symbols: working entries whose time is up are cancelled, in order of id; then exits. */
export function expireOrders(state: TimelineState): void {
  if (state.nextExpiry > state.slot) return
  for (const order of state.working.slice()) {
    if (order.until > state.slot) continue
    cancelWorking(state, order, { reason: REASON.expired, step: 1, decision: order.proposal.number })
  }
  for (const order of state.exits.slice()) {
    if (order.until > state.slot) continue
    cancelExit(state, order, { reason: REASON.expired, step: 1, decision: order.proposal.number })
  }
  let next = NEVER
  for (const order of state.working) if (order.until < next) next = order.until
  for (const order of state.exits) if (order.until < next) next = order.until
  state.nextExpiry = next
}
