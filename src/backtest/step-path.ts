import { limitPassed } from '../execution/pricing.ts'
import { walkLine, type Corners, type Line, type LineLot, type LineOrder, type Meeting } from '../execution/path.ts'
import { isWaitingStop, type Lot, type SymbolBook, type WorkingOrder } from '../portfolio/book.ts'
import type { MarkColumns } from '../portfolio/mark-columns.ts'
import { quantityOf } from '../portfolio/money.ts'
import { liveRowAt } from '../portfolio/symbol-market.ts'
import { roomOf, waitForRoom } from './bar-room.ts'
import { bookEntry, bracketSlot } from './booking.ts'
import { takesHighFirst } from './crossing.ts'
import { isAllOrNothing, isImmediate } from './order-life.ts'
import { liquidatePosition } from './perp-liquidation.ts'
import { bookLineExit, isExit, playLoneLot, setMeetingFill, STEP, type Bar } from './line-fills.ts'
import { LinePosition } from './perp-line.ts'
import { reachesLiquidation } from './quiet-range.ts'
import { MAKER, PATH, REASON } from './record-codes.ts'
import { cancelWorking } from './refusals.ts'
import { setBracket } from './step-entries.ts'
import type { TimelineState } from './timeline-state.ts'

const MAX_LISTED = 10_000
/** Relative difference of two line values below which they differ by rounding only. */
const ROUNDING = 1e-12

/** Step 7: the path through the bar that begins now, symbol by symbol (F6, F7). */
export function pathStep(state: TimelineState): void {
  if (state.watched.length === 0) return
  for (const book of state.watched.slice()) {
    const row = liveRowAt(book.market, state.slot)
    if (row < 0) continue
    const { high, low } = book.market
    if (high[row]! >= book.upLevel || low[row]! <= book.downLevel) playBar(state, book, row)
    else if (book.marks !== null && reachesLiquidation(book, row)) playBar(state, book, row)
  }
}

/** A line with what its meetings are worth. */
interface PlayedLine extends Line {
  /** Cash change plus what is held at the close. */
  readonly value: number
}

function playBar(state: TimelineState, book: SymbolBook, row: number): void {
  if (playLoneLot(state, book, row)) return
  const side = book.lots.length > 0 ? book.side : book.entrySide
  const orders = book.working.filter((order) => order.restsFrom <= state.slot || isWaitingStop(order))
  const bar: Bar = { book, row, side, orders }
  const highFirst = playLine(state, bar, true)
  const lowFirst = playLine(state, bar, false)
  const values = { highFirst: highFirst.value, lowFirst: lowFirst.value }
  const takeHigh = takesHighFirst(state, { book, row, orders, ...values })
  noteAmbiguity(state, book, { high: highFirst.value, low: lowFirst.value })
  bookLine(state, bar, takeHigh ? highFirst : lowFirst, takeHigh ? PATH['O-H-L-C'] : PATH['O-L-H-C'])
}

function noteAmbiguity(state: TimelineState, book: SymbolBook, values: { high: number; low: number }): void {
  const difference = Math.abs(values.high - values.low)
  if (difference <= ROUNDING * Math.max(1, Math.abs(values.high), Math.abs(values.low))) return
  state.ambiguityCount += 1
  state.ambiguityDifference += difference
  if (state.ambiguity.length < MAX_LISTED) {
    state.ambiguity.push({ symbol: book.index, time: state.time, high: values.high, low: values.low })
  }
}

/** O-H-L-C or O-L-H-C of a row, in the mirror for shorts. */
function cornersOf(prices: MarkColumns, bar: Bar, isHighFirst: boolean): Corners {
  const { row, side } = bar
  const [high, low] = [side * prices.high[row]!, side * prices.low[row]!]
  const [open, close] = [side * prices.open[row]!, side * prices.close[row]!]
  return isHighFirst ? [open, high, low, close] : [open, low, high, close]
}

function playLine(state: TimelineState, bar: Bar, isHighFirst: boolean): PlayedLine {
  const { book, side } = bar
  const room = roomOf(state, book, bar.row)
  const line: Line = {
    lots: book.lots.map((lot) => lineLot(lot, bar, lot.actsFrom <= state.slot)),
    orders: bar.orders.map((order) => lineOrder(order, book.lots)),
    meetings: [],
    room: room === null ? null : { ...room },
  }
  const position = state.perp === null ? null : new LinePosition(state.perp, book, { side, lots: line.lots })
  const limit = { ticks: state.pricing.penetrateTicks, tick: book.rules.tick }
  let { traded } = state.ledger
  let nextLot = state.nextLot
  const isIsolated = position !== null && !state.perp!.isCross
  const marks = book.marks === null ? null : cornersOf(book.marks, bar, isHighFirst)
  walkLine(line, cornersOf(book.market, bar, isHighFirst), {
    liquidation: isIsolated ? { level: () => side * position.liquidation(), marks } : null,
    sellPassed: (x, level) => limitPassed(side * x, side * level, { side: -side, ...limit }),
    buyPassed: (x, level) => limitPassed(side * x, side * level, { side, ...limit }),
    met:
      position === null
        ? null
        : (meeting) => {
            traded += meetOnLine(state, { bar, meeting, position, traded })
          },
    quantityOf: (units) => quantityOf(units, book.rules),
    bear: (index, level, units) => {
      const order = bar.orders[index]!
      const id = nextLot
      nextLot += 1
      state.fill.gross = side * level
      setBracket(state, book, order)
      const acts = bracketSlot(state, order.type) <= state.slot
      const tp = acts ? side * state.fill.tp : Number.NaN
      const sl = acts ? side * state.fill.sl : Number.NaN
      const quantity = units === order.units ? order.quantity : quantityOf(units, book.rules)
      return { id, units, quantity, whole: units, tp, sl, order: index, open: true }
    },
  })
  const value = position === null ? lineValue(state, bar, line) : position.worth(book.market.close[bar.row]!)
  return { ...line, value }
}

function lineLot(lot: Lot, bar: Bar, acts: boolean): LineLot {
  const { id, side, units, quantity, largestUnits: whole, stopped } = lot
  const order = lot.rest === null ? -1 : bar.orders.indexOf(lot.rest)
  const tp = acts ? side * lot.tp : Number.NaN
  const sl = acts && !stopped ? side * lot.sl : Number.NaN
  return { id, units, quantity, whole, tp, sl, order, open: true }
}

function lineOrder(order: WorkingOrder, lots: readonly Lot[]): LineOrder {
  const { id, price, limit, units, quantity, asked: whole, proposal } = order
  const isStop = isWaitingStop(order)
  return {
    id,
    isStop,
    price: proposal.side * (isStop ? price : limit),
    fills: !(isStop && proposal.side * price > proposal.side * limit),
    isAllOrNothing: isAllOrNothing(order),
    isImmediate: isImmediate(order),
    units,
    quantity,
    whole,
    lot: order.lot === null ? -1 : lots.indexOf(order.lot),
    working: true,
  }
}

/** Fee of a meeting, which it keeps: the line that is booked pays it. */
function askFee(
  state: TimelineState,
  { book }: Bar,
  meeting: Meeting,
  { side, price, traded }: { side: number; price: number; traded: number },
): number {
  const { quantity } = meeting
  meeting.fee = state.pricing.fee.cost({
    symbol: state.input.config.symbols[book.index]!,
    side: side > 0 ? 'buy' : 'sell',
    kind: isExit(meeting) ? 'exit' : 'entry',
    quantity,
    price,
    notional: quantity * price,
    liquidity: state.fill.liquidity === MAKER ? 'maker' : 'taker',
    traded,
  })
  return meeting.fee
}

/** Tells the position of a line what a meeting fills; its notional. */
function meetOnLine(
  state: TimelineState,
  at: { bar: Bar; meeting: Meeting; position: LinePosition; traded: number },
): number {
  const { bar, meeting, position, traded } = at
  if (meeting.kind === 'liquidation') {
    position.liquidate()
    return 0
  }
  const { quantity } = meeting
  if (quantity === 0) return 0
  setMeetingFill(state, bar, meeting, { path: PATH.none, quantity })
  const { price } = state.fill
  let notional = 0
  const fee = (side: number, at: number): number => {
    notional = quantity * at
    return askFee(state, bar, meeting, { side, price: at, traded })
  }
  if (isExit(meeting)) position.exit(meeting, { quantity, price, fee })
  else position.enter({ quantity, price, fee })
  return notional
}

/** Cash after the meetings in their order less cash before, plus the remaining quantity in order of opening times the close. */
function lineValue(state: TimelineState, bar: Bar, line: Line): number {
  const before = state.ledger.cash
  let cash = before
  let { traded } = state.ledger
  for (const meeting of line.meetings) {
    const { quantity } = meeting
    if (quantity === 0) continue
    setMeetingFill(state, bar, meeting, { path: PATH.none, quantity })
    const { price } = state.fill
    const exit = isExit(meeting)
    const notional = quantity * price
    const fee = askFee(state, bar, meeting, { side: exit ? -1 : 1, price, traded })
    traded += notional
    cash = exit ? cash + (notional - fee) : cash - (notional + fee)
  }
  let held = 0
  for (const lot of line.lots) if (lot.open) held += lot.quantity
  return cash - before + held * bar.book.market.close[bar.row]!
}

/** What only triggered: a stop waits for room, a stop_limit rests from the next bar, if they may wait (F4, F5, F9). */
function triggerOnPath(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  if (!isImmediate(order)) return waitForRoom(state, book, order)
  cancelWorking(state, order, { reason: REASON.unfilled, step: STEP, decision: order.proposal.number })
}

function bookLine(state: TimelineState, bar: Bar, line: PlayedLine, path: number): void {
  const { book } = bar
  for (const meeting of line.meetings) {
    if (meeting.kind === 'liquidation') {
      liquidatePosition(state, state.perp!, book, { step: STEP, path })
      continue
    }
    if (meeting.units > 0) setMeetingFill(state, bar, meeting, { path, quantity: meeting.quantity })
    if (isExit(meeting)) {
      const { id } = line.lots[meeting.at]!
      bookLineExit(
        state,
        bar,
        meeting,
        book.lots.find((one) => one.id === id)!,
      )
      continue
    }
    const order = bar.orders[meeting.at]!
    if (meeting.units === 0) {
      triggerOnPath(state, book, order)
      continue
    }
    if (order.lot === null) setBracket(state, book, order)
    state.fill.units = meeting.units
    state.fill.quantity = meeting.quantity
    bookEntry(state, order)
  }
}
