/*
 * Which line of a bar is booked (F7): by the policy of the run, or by that of the symbol's lots if the decisions name
 * one. The policies of the lots after step 6 count, without lots those of the entries on the line; where they differ
 * nobody's wish can be met, and `worst` decides. So it does where detail candles are asked for and do not cover the bar.
 * A function of the strategy that all of them name picks the line of an ambiguous bar itself.
 */
import { FILL_POLICIES } from '../policies/fill.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import { parseLegFunction } from '../proposals/leg-function.ts'
import { describeValue, fail } from '../strategies/failures.ts'
import type { TimelineState } from './timeline-state.ts'
import { barOf } from './user-views.ts'
import type { Proposal, WorkingOrder } from '../portfolio/orders.ts'

const WORST = 1 + FILL_POLICIES.indexOf('worst')
const DETAIL = 1 + FILL_POLICIES.indexOf('detail')
/** What `crossing` says of a line that a function has picked. */
export const RESOLVED = 1 + FILL_POLICIES.length
/** Relative difference of two line values below which they differ by rounding only. */
const ROUNDING = 1e-12

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

/** Whether the two lines of a bar end in different symbol equity, but for rounding (F8). */
export function areDifferent(high: number, low: number): boolean {
  return Math.abs(high - low) > ROUNDING * Math.max(1, Math.abs(high), Math.abs(low))
}

/** Whether O-H-L-C is booked. Notes the policy in `state.crossing` if it is not the run's. */
export function takesHighFirst(state: TimelineState, crossing: Crossing): boolean {
  const { book, row, orders, highFirst, lowFirst } = crossing
  const resolver = state.columns.exitResolver === null ? 0 : resolverOf(book, orders)
  if (resolver !== 0 && areDifferent(highFirst, lowFirst)) {
    state.crossing = RESOLVED
    return askResolver(state, crossing, resolver)
  }
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

/** The function that all lots of the symbol name, without lots the entries on the line; 0: none, or not the same. */
function resolverOf(book: SymbolBook, orders: readonly WorkingOrder[]): number {
  const holders: readonly { readonly proposal: Proposal }[] = book.lots.length > 0 ? book.lots : orders
  const first = holders[0]?.proposal.exitResolver ?? 0
  return holders.every(({ proposal }) => proposal.exitResolver === first) ? first : 0
}

/** Asks for the line, told the bar and what each line is worth. */
function askResolver(state: TimelineState, { book, row, highFirst, lowFirst }: Crossing, resolver: number): boolean {
  const { fn, args } = parseLegFunction(state.log.strings[resolver - 1]!)!
  const told = { symbol: book.market.series.symbol, ...barOf(book.market, row) }
  const worth = { 'O-H-L-C': highFirst, 'O-L-H-C': lowFirst }
  const answer = state.user.ask('exitResolver', [fn, args, told, worth])
  if (answer === 'O-H-L-C' || answer === 'O-L-H-C') return answer === 'O-H-L-C'
  return fail('bad_answer', `The exit resolver ${fn} answered ${describeValue(answer)}, expected O-H-L-C or O-L-H-C`)
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
