import type { AccountView } from '../policies/account-view.ts'
import { legsOf } from '../policies/capacity.ts'
import type { TimelineState } from './timeline-state.ts'
import type { WorkingOrder } from '../portfolio/orders.ts'

const DAY_MS = 86_400_000

type Account = Pick<
  TimelineState,
  'openLots' | 'working' | 'brackets' | 'books' | 'held' | 'equity' | 'slot' | 'time' | 'slotMs' | 'input'
>

function exposureOf(account: Account): number {
  let sum = 0
  for (const book of account.held) sum += book.quantity * book.mark
  for (const order of account.working) sum += order.exposure
  return sum
}

/** Whether an order stands for its proposal: it has no lot yet, and is the first of the legs that work (P6). */
function standsAlone(order: WorkingOrder): boolean {
  const { lot, proposal } = order
  return lot === null && (proposal.group === null || proposal.group.orders[0] === order)
}

function withoutLot(orders: readonly WorkingOrder[]): number {
  let count = 0
  for (const order of orders) if (standsAlone(order)) count += 1
  return count
}

/** A further leg counts for itself, what is left of one that has filled does not. */
function legsOfOrder(order: WorkingOrder): number {
  if (standsAlone(order)) return legsOf(order.proposal)
  return order.hasFilled ? 0 : 1
}

/** E at the last instant up to the UTC midnight before or at now; instants of calendar months are midnights. */
function dayEquityOf(account: Account): number {
  const { time, slot, slotMs, input, equity } = account
  const midnight = Math.floor(time / DAY_MS) * DAY_MS
  const instant = slotMs === null ? slot : Math.floor((midnight - input.window.start) / slotMs)
  return instant > 0 ? equity[instant - 1]! : input.config.initialCash
}

/** The account of a run, read when it is asked. `at` gives the state, which is made after this. */
export function createAccountView(at: () => Account): AccountView {
  return {
    positions: () => at().openLots + withoutLot(at().working),
    positionsOf(symbol) {
      const book = at().books[symbol]!
      return book.lots.length + withoutLot(book.working)
    },
    legs() {
      let sum = at().openLots + at().brackets
      for (const order of at().working) sum += legsOfOrder(order)
      return sum
    },
    exposure: () => exposureOf(at()),
    equity() {
      const { slot, equity, input } = at()
      return slot > 0 ? equity[slot - 1]! : input.config.initialCash
    },
    dayEquity: () => dayEquityOf(at()),
  }
}
