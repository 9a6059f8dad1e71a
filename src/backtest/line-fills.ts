/* Fills at the meetings of a line (F6): the price that a meeting fills at, and the exit of a lot at its bracket. */
import { sellLimitPassed, takerPrice, type Taking } from '../execution/pricing.ts'
import { newMeeting, type Meeting } from '../execution/meeting.ts'
import { STOP_LIMIT, type Lot, type SymbolBook, type WorkingOrder } from '../portfolio/book.ts'
import { stopLot } from './bar-room.ts'
import { dropExit } from './book-state.ts'
import type { ExitOrder } from '../portfolio/exit-order.ts'
import { askFill, type FillFacts } from './ask-fill.ts'
import { closeUnits, setExitPrice, stopReason } from './booking.ts'
import { isByDetail, takesHighFirst } from './crossing.ts'
import { MAKER, ORDER_TYPE, PATH, REASON, RULE, TAKER } from './record-codes.ts'
import { notBeyondLimit } from './step-entries.ts'
import type { TimelineState } from './timeline-state.ts'

/** The path step (T2). */
export const STEP = 7

export interface Bar {
  readonly book: SymbolBook
  readonly row: number
  /** Side of the lots and orders of the symbol: they are all of one (P6). */
  readonly side: number
  /** Resting orders of the symbol at the start of the path, in order of id. */
  readonly orders: readonly WorkingOrder[]
}

/** Prices of one line: a bar, or a detail candle with where the line comes from and goes to beyond it (NaN: nowhere). */
export interface LinePrices {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly from: number
  readonly to: number
}

/** A bar, or one of its detail candles, whose lines are played. */
export interface PlayedBar extends Bar {
  readonly prices: LinePrices
  /** Null: the prices are the marks. */
  readonly marks: LinePrices | null
  /** Resting exits, in order of id. */
  readonly exits: readonly ExitOrder[]
}

const NO_ORDERS: readonly WorkingOrder[] = []

/** The fill at a meeting: stops take with slippage (F3), limits make at their level (F2). Its price is asked for once. */
export function setMeetingFill(
  state: TimelineState,
  bar: Bar,
  meeting: Meeting,
  how: { path: number; quantity: number },
): void {
  const { kind } = meeting
  const { fill } = state
  const level = bar.side * meeting.level
  const quantity = meeting.exit < 0 ? how.quantity : meeting.total
  const taking = { row: bar.row, gross: level, quantity }
  const isStop = kind === 'stop' || kind === 'stop_loss' || kind === 'exit_stop'
  // One order, one price for all its lots
  const priced = meeting.first ?? meeting
  fill.gross = level
  fill.fee = meeting.fee
  fill.liquidity = isStop ? TAKER : MAKER
  if (priced.price !== priced.price) {
    let price = level
    if (isStop) price = takerPrice(state.pricing, bar.book, kind === 'stop' ? bar.side : -bar.side, taking)
    if (kind === 'stop') price = notBeyondLimit(bar.orders[meeting.at]!, price)
    if (state.pricing.fill !== null) {
      fill.price = price
      askFill(state, bar.book, meetingFacts(bar, meeting, taking))
      price = fill.price
    }
    priced.price = price
  }
  fill.price = priced.price
  fill.rule = isStop ? RULE.F3 : RULE.F2
  if (kind === 'stop' && bar.orders[meeting.at]!.type === STOP_LIMIT) fill.rule = RULE.F4
  fill.step = STEP
  fill.path = how.path
}

/** What code of the user is told of a meeting. */
function meetingFacts(bar: Bar, meeting: Meeting, { row, gross, quantity }: Taking): FillFacts {
  const { kind, at } = meeting
  const isLimit = kind === 'take_profit' || kind === 'exit_limit'
  if (isExit(meeting)) {
    const type = isLimit ? ORDER_TYPE.limit : ORDER_TYPE.stop
    return {
      row,
      side: -bar.side,
      kind: 'exit',
      type,
      quantity,
      limit: isLimit ? gross : Number.NaN,
      isReserved: false,
    }
  }
  const { type, limit } = bar.orders[at]!
  return { row, side: bar.side, kind: 'entry', type, quantity, limit, isReserved: true }
}

export function isExit(meeting: Meeting): boolean {
  return meeting.kind === 'take_profit' || meeting.kind === 'stop_loss' || meeting.exit >= 0
}

/** A part of a resting exit, which is done. */
export function bookExitOrder(state: TimelineState, bar: PlayedBar, meeting: Meeting, lot: Lot): void {
  const order = bar.exits[meeting.exit]!
  if (meeting.first === null) dropExit(state, bar.book, order)
  setExitPrice(state, bar.book, state.fill.price)
  const cause = { reason: REASON.exit, orderType: order.type, order: order.id, decision: order.proposal.number }
  closeUnits(state, lot, meeting.units, cause)
}

export function bookLineExit(state: TimelineState, { book }: Bar, meeting: Meeting, lot: Lot): void {
  const isTake = meeting.kind === 'take_profit'
  const isPart = meeting.units < lot.units
  if (meeting.units > 0) {
    setExitPrice(state, book, state.fill.price)
    closeUnits(state, lot, meeting.units, {
      reason: isTake ? REASON.take_profit : stopReason(lot),
      orderType: isTake ? ORDER_TYPE.limit : ORDER_TYPE.stop,
      order: 0,
      decision: lot.proposal.number,
    })
  }
  if (isPart && !isTake) stopLot(state, book, lot, STEP)
}

/**
 * Most bars that meet anything meet one bracket of one lot. Then both lines are the same, and nothing has to be played to
 * know it. False: more can happen here.
 */
export function playLoneLot(state: TimelineState, book: SymbolBook, row: number): boolean {
  const lot = book.lots[0]
  if (lot === undefined || book.lots.length > 1 || book.working.length + book.exits.length > 0) return false
  if (state.perp !== null || state.participation !== null || state.asksOnLines) return false
  if (lot.actsFrom > state.slot) return true
  if (isByDetail(state, book, { row, orders: NO_ORDERS })) return false
  const { high, low } = book.market
  const takes = sellLimitPassed(high[row]!, lot.tp, { ticks: state.pricing.penetrateTicks, tick: book.rules.tick })
  const stops = low[row]! <= lot.sl
  if (takes && stops) return false
  if (!takes && !stops) return true
  const { units, quantity } = lot
  const level = takes ? lot.tp : lot.sl
  const meeting = { ...newMeeting(takes ? 'take_profit' : 'stop_loss', 0, level), units, quantity }
  const isHighFirst = takesHighFirst(state, { book, row, orders: NO_ORDERS, highFirst: 0, lowFirst: 0 })
  const bar: Bar = { book, row, side: lot.side, orders: NO_ORDERS }
  setMeetingFill(state, bar, meeting, { path: isHighFirst ? PATH['O-H-L-C'] : PATH['O-L-H-C'], quantity })
  bookLineExit(state, bar, meeting, lot)
  return true
}
