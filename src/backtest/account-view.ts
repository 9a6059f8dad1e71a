import type { AccountView } from '../policies/account-view.ts'
import { legsOf } from '../policies/capacity.ts'
import type { WorkingOrder } from '../portfolio/book.ts'
import type { TimelineState } from './timeline-state.ts'

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

/** Orders that stand for themselves: one that has filled in part is its lot (P6). */
function withoutLot(orders: readonly WorkingOrder[]): number {
  let count = 0
  for (const order of orders) if (order.lot === null) count += 1
  return count
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
      for (const order of at().working) if (order.lot === null) sum += legsOf(order.proposal)
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
