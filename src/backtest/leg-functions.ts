/*
 * Theory of operation: a leg may have its price, or the time from which it is live, from a function of the strategy (P2). At
 * the end of step 2, when all that closed at this instant is marked and decided, the functions of every leg that waits or
 * works are asked in decision order, each leg for the bar of its symbol that has just closed. An answer that is another one
 * than the last acts from the next bar: a working order is taken back, and the leg is placed anew in step 5, a leg that
 * closes at the end of step 2. In the log a
 * leg names its functions, and the answers are those of the port `leg`.
 */
import type { SymbolBook } from '../portfolio/book.ts'
import { rowAt } from '../portfolio/symbol-market.ts'
import { describeValue, fail } from '../strategies/failures.ts'
import { insertByNumber } from './book-state.ts'
import { REASON } from './record-codes.ts'
import { cancelExit, cancelWorking } from './refusals.ts'
import type { TimelineState } from './timeline-state.ts'
import type { PlainData } from './user-port.ts'
import { barOf, given, sideName, viewOf } from './user-views.ts'
import { isExitLeg, type ExitOrder, type Lot, type Proposal, type WorkingOrder } from '../portfolio/orders.ts'

const STEP = 2

/** Asks the functions of all legs that live. */
export function askLegs(state: TimelineState): void {
  if (state.asking.length === 0) return
  state.asking = state.asking.filter((leg) => isAlive(state, leg))
  for (const leg of state.asking) {
    const book = state.books[leg.symbol]!
    const row = rowAt(book.market, state.slot - 1)
    if (row >= 0) askLeg(state, book, leg, row)
  }
}

function isAlive(state: TimelineState, leg: Proposal): boolean {
  if (isExitLeg(leg)) return state.exitLegs.includes(leg) || exitOf(state, leg) !== undefined
  return state.pending.includes(leg) || orderOf(state, leg) !== undefined
}

function exitOf(state: TimelineState, leg: Proposal): ExitOrder | undefined {
  return state.books[leg.symbol]!.exits.find((order) => order.proposal === leg)
}

function orderOf(state: TimelineState, leg: Proposal): WorkingOrder | undefined {
  return state.books[leg.symbol]!.working.find((order) => order.proposal === leg)
}

function askLeg(state: TimelineState, book: SymbolBook, leg: Proposal, row: number): void {
  const { functions } = leg
  if (functions === null) return
  const told = [
    { ...viewOf(state, state.equity[state.slot - 1]!), bar: barOf(book.market, row) },
    lotOf(leg.group?.lot ?? null),
  ] as const
  if (functions.when !== null && !leg.isLive) {
    const { fn, args } = functions.when
    const answer = state.user.ask('leg', [fn, args, ...told], false)
    if (typeof answer !== 'boolean') return badAnswer(fn, answer, 'true or false')
    leg.isLive = answer
  }
  if (functions.price === null) return
  const { fn, args } = functions.price
  const answer = state.user.ask('leg', [fn, args, ...told], given(leg.entryPrice))
  if (typeof answer !== 'number') return badAnswer(fn, answer, 'a number')
  if (!(answer > 0) || answer - answer !== 0) {
    fail('policy_out_of_bounds', `The function ${fn} of a leg answered with ${answer}, expected a positive number`)
  }
  if (answer !== leg.entryPrice) reprice(state, book, leg, { price: answer, row })
}

function badAnswer(fn: string, answer: PlainData, expected: string): never {
  return fail('bad_answer', `The function ${fn} of a leg answered ${describeValue(answer)}, expected ${expected}`)
}

/** A leg is placed with its new price from the next bar on; what works of it is taken back. */
function reprice(
  state: TimelineState,
  book: SymbolBook,
  leg: Proposal,
  { price, row }: { price: number; row: number },
): void {
  leg.entryPrice = price
  leg.close = book.market.close[row]!
  const exit = exitOf(state, leg)
  if (exit !== undefined) {
    cancelExit(state, exit, { reason: REASON.repriced, step: STEP, decision: leg.number })
    return insertByNumber(state.exitLegs, leg)
  }
  const order = orderOf(state, leg)
  if (order === undefined) return
  leg.leftUnits = order.units
  leg.waited = 0
  leg.tries = 0
  cancelWorking(state, order, { reason: REASON.repriced, step: STEP, decision: leg.number })
  insertByNumber(state.pending, leg)
  book.pendingCount += 1
}

/** The lot that the legs of a proposal fill; null before their first fill. */
function lotOf(lot: Lot | null): PlainData {
  if (lot === null) return null
  const { id, side, quantity, entry, gross, tp, sl } = lot
  return { id, side: sideName(side), quantity, entry, gross, tp: given(tp), sl: given(sl) }
}
