/*
 * Which line of a bar is booked (F7): by the policy of the run, or by that of the symbol's lots if the decisions name
 * one. The policies of the lots after step 6 count, without lots those of the entries on the line; where they differ
 * nobody's wish can be met, and `worst` decides. So it does where detail candles are asked for and do not cover the bar.
 */
import { FILL_POLICIES } from '../policies/fill.ts'
import type { SymbolBook, WorkingOrder } from '../portfolio/book.ts'
import type { Proposal } from '../portfolio/proposal.ts'
import type { TimelineState } from './timeline-state.ts'

const WORST = 1 + FILL_POLICIES.indexOf('worst')
const DETAIL = 1 + FILL_POLICIES.indexOf('detail')

/** A bar whose lines are played, and what they are worth. */
export interface Crossing {
  readonly book: SymbolBook
  readonly row: number
  /** Entries on the line. */
  readonly orders: readonly WorkingOrder[]
  readonly highFirst: number
  readonly lowFirst: number
}

/** Whether a bar is booked by its detail candles. */
export function isByDetail(
  state: TimelineState,
  book: SymbolBook,
  { row, orders }: { row: number; orders: readonly WorkingOrder[] },
): boolean {
  if (book.detail === null || book.detail.match.first[row]! < 0) return false
  return policyOf(state, book, orders) === DETAIL
}

/** Whether O-H-L-C is booked. Notes the policy in `state.crossing` if it is not the run's. */
export function takesHighFirst(state: TimelineState, { book, row, orders, highFirst, lowFirst }: Crossing): boolean {
  const { open, high, low, close } = book.market
  const wanted = policyOf(state, book, orders)
  const policy = wanted === DETAIL ? WORST : wanted
  state.crossing = policy === state.policy ? 0 : policy
  return state.chooseLine[policy]!({
    symbol: book.index,
    time: state.time,
    open: open[row]!,
    high: high[row]!,
    low: low[row]!,
    close: close[row]!,
    highFirst,
    lowFirst,
    hadLots: book.lots.length > 0,
  })
}

function policyOf(state: TimelineState, book: SymbolBook, orders: readonly WorkingOrder[]): number {
  if (state.columns.crossingPolicy === null) return state.policy
  const holders: readonly { readonly proposal: Proposal }[] = book.lots.length > 0 ? book.lots : orders
  let common = 0
  for (const { proposal } of holders) {
    const own = proposal.crossingPolicy === 0 ? state.policy : proposal.crossingPolicy
    if (common !== 0 && own !== common) return WORST
    common = own
  }
  return common === 0 ? state.policy : common
}
