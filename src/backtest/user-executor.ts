/*
 * Theory of operation: order types by code of the user (F13). An order whose decision names an executor is a market order
 * that does not take: in step 6 of each live bar of its symbol, from that of its admission on, the executor is told the order,
 * the bar and the account, and answers what of the order fills in this bar, and for how much. The fill is booked at once, at
 * the average price. Where in its bar that price stood nobody knows, so the bracket of the lot acts from the next bar on.
 */
import { REMAINDER } from '../execution/participation.ts'
import type { Executed, Executor } from '../portfolio/executor.ts'
import { quantityOf, unitsOf } from '../portfolio/money.ts'
import { meanOf, readParts, sumOfParts } from './fill-parts.ts'
import { slotTime, type TimelineState } from './timeline-state.ts'
import type { UserCode } from './user-port.ts'
import { barOf, given, viewOf } from './user-views.ts'

const NOTHING: Executed = { units: 0, price: Number.NaN }

/** Order types by code of the user: `execute(order, bar, view)`; parts in the bar, together at most `order.quantity`. */
export function createUserExecutor(user: UserCode, at: () => TimelineState): Executor {
  let calls = 0
  return ({ rules, market }, { id, proposal, units: left, asked, slot }, { row, units }) => {
    const state = at()
    const quantity = quantityOf(units, rules)
    const order = {
      id,
      symbol: state.input.config.symbols[proposal.symbol]!,
      side: proposal.side > 0 ? 'buy' : 'sell',
      type: proposal.executor!,
      placed: slotTime(state, slot),
      size: quantityOf(asked, rules),
      left: quantityOf(left, rules),
      quantity,
      entryPrice: given(proposal.entryPrice),
    }
    const bar = barOf(market, row)
    const view = viewOf(state, state.account.equity())
    const answered = { what: `executor "${proposal.executor!}"`, call: calls++ }
    const parts = readParts(user.ask('executor', [proposal.executor!, order, bar, view], []), answered)
    if (parts.length === 0) return NOTHING
    const sum = sumOfParts(parts, answered, { quantity, least: bar.low, most: bar.high })
    const filled = sum >= quantity - REMAINDER * quantity ? units : Math.min(unitsOf(sum, rules), units)
    return filled > 0 ? { units: filled, price: meanOf(parts, sum) } : NOTHING
  }
}
