/*
 * Theory of operation: where working orders reserve nothing (`cashCheck` submission_and_fill, fill), an entry that a line
 * meets is paid out of what was free before the paths of its instant, less what entries on paths have taken since (P3 d).
 * What exits of the same instant bring counts from the next one (T2), so each line keeps a sum of its own, and the booked
 * one hands it on to the symbols after it.
 */
import type { Meeting, Shortage } from '../execution/meeting.ts'
import type { LineOrder } from '../execution/line.ts'
import type { WorkingOrder } from '../portfolio/book.ts'
import { affordableUnits, cashNeed, quantityOf } from '../portfolio/money.ts'
import { setMeetingFill, STEP, type Bar } from './line-fills.ts'
import { MAKER, PATH, REASON } from './record-codes.ts'
import { freeCash, tooSmall } from './step-admit.ts'
import { endEntry } from './step-entries.ts'
import type { TimelineState } from './timeline-state.ts'

/** Whether entries on paths pay out of free cash, not out of a reserve; then what is free before the paths is noted. */
export function startPathCash(state: TimelineState): void {
  state.pathFree = state.input.config.execution.cashCheck === 'admit' ? Number.NaN : freeCash(state, null)
}

/** Free cash as it goes along one line. */
export class LineCash {
  readonly #state: TimelineState
  readonly #bar: Bar
  readonly #orders: readonly LineOrder[]
  free: number

  constructor(state: TimelineState, bar: Bar, orders: readonly LineOrder[]) {
    this.#state = state
    this.#bar = bar
    this.#orders = orders
    this.free = state.pathFree
  }

  /** Lowers what an entry fills to what can be paid, and takes that; `traded`: before it. */
  pay(meeting: Meeting, traded: number): void {
    if (meeting.units === 0) return
    const state = this.#state
    const { rules } = this.#bar.book
    const order = this.#orders[meeting.at]!
    setMeetingFill(state, this.#bar, meeting, { path: PATH.none, quantity: meeting.quantity })
    const { price } = state.fill
    const { index: symbol } = this.#bar.book
    const asked = { symbol, side: this.#bar.side, quantity: order.quantity, price, mayRest: true }
    const terms = state.pricing.fee.terms(state.fill.liquidity === MAKER ? 'maker' : 'taker', traded, asked)
    const needed = cashNeed(order.quantity, price, terms, rules.leverage)
    if (needed > this.free) {
      const isFinal = state.input.config.execution.onShortfall === 'refuse'
      let units = isFinal ? 0 : affordableUnits(this.free, price, terms, rules)
      if (!this.#bar.orders[meeting.at]!.hasFilled && tooSmall(rules, units, quantityOf(units, rules), price) !== 0)
        units = 0
      meeting.shortage = { needed, available: this.free, units }
      if (units < meeting.units) {
        meeting.units = units
        meeting.quantity = quantityOf(units, rules)
      }
      if (units === 0) return
    }
    this.free -= cashNeed(meeting.quantity, price, terms, rules.leverage)
  }
}

/** An order that a line could not pay whole: it ends, or goes on with less. True if something of it is left. */
export function settleShortage(state: TimelineState, order: WorkingOrder, shortage: Shortage): boolean {
  const { needed, available, units } = shortage
  if (units === 0) {
    endEntry(state, order, { reason: REASON.insufficient_cash, step: STEP, needed, available })
    return false
  }
  order.units = units
  order.quantity = quantityOf(units, state.books[order.proposal.symbol]!.rules)
  return true
}
