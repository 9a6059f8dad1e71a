import { limitPassed } from '../execution/pricing.ts'
import type { Corners, Line } from '../execution/line.ts'
import { walkLine } from '../execution/path.ts'
import { type Meeting } from '../execution/meeting.ts'
import { isWaitingStop, type SymbolBook } from '../portfolio/book.ts'
import { quantityOf } from '../portfolio/money.ts'
import { liveRowAt } from '../portfolio/symbol-market.ts'
import { roomOf, waitForRoom } from './bar-room.ts'
import { isWorse } from '../policies/fill.ts'
import { bookEntry, bracketSlot } from './booking.ts'
import { LineCash, settleShortage, startPathCash } from './line-cash.ts'
import { areDifferent, isByDetail, takesHighFirst } from './crossing.ts'
import { lineExit, lineLot, lineOrder } from './line-subjects.ts'
import { barPrices, detailPrices, isDetailQuiet } from './line-prices.ts'
import { isImmediate } from './order-life.ts'
import { liquidatePosition } from './perp-liquidation.ts'
import {
  bookLineExit,
  isExit,
  playLoneLot,
  setMeetingFill,
  STEP,
  type Bar,
  type LinePrices,
  type PlayedBar,
  bookExitOrder,
} from './line-fills.ts'
import { LinePosition } from './perp-line.ts'
import { reachesLiquidation } from './quiet-range.ts'
import { MAKER, PATH, REASON } from './record-codes.ts'
import { cancelWorking } from './refusals.ts'
import { setBracket } from './step-entries.ts'
import type { TimelineState } from './timeline-state.ts'
import { entryKey, type WorkingOrder } from '../portfolio/orders.ts'

const MAX_LISTED = 10_000

/** Step 7: the path through the bar that begins now, symbol by symbol (F6, F7). */
export function pathStep(state: TimelineState): void {
  if (state.watched.length === 0) return
  startPathCash(state)
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
  /** Free cash after it, where entries on it pay out of that. */
  readonly free: number
}

function playBar(state: TimelineState, book: SymbolBook, row: number): void {
  if (playLoneLot(state, book, row)) return
  const bar = playedBar(state, book, row, barPrices(book, row))
  if (isByDetail(state, book, bar)) return playDetail(state, book, row)
  const highFirst = playLine(state, bar, true)
  const lowFirst = playLine(state, bar, false)
  const { orders } = bar
  const values = { highFirst: highFirst.value, lowFirst: lowFirst.value }
  const takeHigh = takesHighFirst(state, { book, row, orders, ...values })
  noteAmbiguity(state, book, { time: state.time, high: highFirst.value, low: lowFirst.value })
  bookLine(state, bar, takeHigh ? highFirst : lowFirst, takeHigh ? PATH['O-H-L-C'] : PATH['O-L-H-C'])
}

/** Each detail candle is played from what the one before it has left, by `worst`. */
function playDetail(state: TimelineState, book: SymbolBook, row: number): void {
  const { match, candles } = book.detail!
  const first = match.first[row]!
  const last = first + match.parts[row]! - 1
  for (let at = first; at <= last && book.isWatched; at++) {
    const lines = detailPrices(book, row, { at, first, last })
    if (isDetailQuiet(book, lines)) continue
    const bar = playedBar(state, book, row, lines)
    const highFirst = playLine(state, bar, true)
    const lowFirst = playLine(state, bar, false)
    const values = { highFirst: highFirst.value, lowFirst: lowFirst.value }
    const takeHigh = isWorse({ ...values, hadLots: book.lots.length > 0 })
    const time = candles.time[at]!
    state.crossing = time
    noteAmbiguity(state, book, { time, high: highFirst.value, low: lowFirst.value })
    bookLine(state, bar, takeHigh ? highFirst : lowFirst, takeHigh ? PATH['O-H-L-C'] : PATH['O-L-H-C'])
  }
}

function playedBar(
  state: TimelineState,
  book: SymbolBook,
  row: number,
  lines: { prices: LinePrices; marks: LinePrices | null },
): PlayedBar {
  const side = book.lots.length > 0 ? book.side : book.entrySide
  const orders = book.working.filter((order) => order.restsFrom <= state.slot || isWaitingStop(order))
  return { book, row, side, orders, exits: book.exits.slice(), ...lines }
}

function noteAmbiguity(
  state: TimelineState,
  book: SymbolBook,
  values: { time: number; high: number; low: number },
): void {
  if (!areDifferent(values.high, values.low)) return
  const difference = Math.abs(values.high - values.low)
  state.ambiguityCount += 1
  state.ambiguityDifference += difference
  if (state.ambiguity.length < MAX_LISTED) {
    state.ambiguity.push({ symbol: book.index, ...values })
  }
}

/** O-H-L-C or O-L-H-C, with what comes before and after it, in the mirror for shorts. */
function cornersOf(prices: LinePrices, side: number, isHighFirst: boolean): Corners {
  const { open, high, low, close, from, to } = prices
  const corners = isHighFirst ? [open, high, low, close] : [open, low, high, close]
  if (from === from) corners.unshift(from)
  if (to === to) corners.push(to)
  return corners.map((corner) => side * corner)
}

function playLine(state: TimelineState, bar: PlayedBar, isHighFirst: boolean): PlayedLine {
  const { book, side } = bar
  const room = roomOf(state, book, bar.row)
  const line: Line = {
    lots: book.lots.map((lot) => lineLot(lot, side, lot.actsFrom <= state.slot)),
    orders: bar.orders.map((order) => lineOrder(order, book.lots)),
    exits: bar.exits.map((order) => lineExit(order, side, book.lots)),
    meetings: [],
    room: room === null ? null : { ...room },
  }
  const position = state.perp === null ? null : new LinePosition(state.perp, book, { side, lots: line.lots })
  const limit = { ticks: state.pricing.penetrateTicks, tick: book.rules.tick }
  let { traded } = state.ledger
  let nextLot = state.nextLot
  const cash = Number.isNaN(state.pathFree) ? null : new LineCash(state, bar, line.orders)
  const isIsolated = position !== null && !state.perp!.isCross
  const marks = bar.marks === null ? null : cornersOf(bar.marks, side, isHighFirst)
  const corners = cornersOf(bar.prices, side, isHighFirst)
  walkLine(line, corners, {
    liquidation: isIsolated ? { level: () => side * position.liquidation(), marks } : null,
    sellPassed: (x, level) => limitPassed(side * x, side * level, { side: -side, ...limit }),
    buyPassed: (x, level) => limitPassed(side * x, side * level, { side, ...limit }),
    met:
      position === null && cash === null
        ? null
        : (meeting) => {
            traded += meetOnLine(state, { bar, line, meeting, position, traded })
          },
    pay: cash === null ? null : (meeting) => cash.pay(meeting, traded),
    quantityOf: (units) => quantityOf(units, book.rules),
    hasSteps: book.rules.step !== null,
    bear: (index, level, units) => {
      const order = bar.orders[index]!
      const id = nextLot
      nextLot += 1
      state.fill.gross = side * level
      setBracket(state, book, order)
      const acts = bracketSlot(state, order) <= state.slot
      const tp = acts ? side * state.fill.tp : Number.NaN
      const sl = acts ? side * state.fill.sl : Number.NaN
      const quantity = units === order.units ? order.quantity : quantityOf(units, book.rules)
      return { id, units, quantity, whole: units, tp, sl, key: entryKey(order.proposal), open: true }
    },
  })
  const close = side * corners.at(-1)!
  const value = position === null ? lineValue(state, bar, { line, close }) : position.worth(close)
  // What this line would pay is nothing that the next fill knows
  state.fill.fee = Number.NaN
  return { ...line, value, free: cash?.free ?? Number.NaN }
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

/** Tells the position of a line, if it has one, what a meeting fills; its notional. */
function meetOnLine(
  state: TimelineState,
  at: { bar: PlayedBar; line: Line; meeting: Meeting; position: LinePosition | null; traded: number },
): number {
  const { bar, line, meeting, position, traded } = at
  if (meeting.kind === 'liquidation') {
    position?.liquidate()
    return 0
  }
  const { quantity } = meeting
  if (quantity === 0) return 0
  setMeetingFill(state, bar, meeting, { path: PATH.none, quantity })
  const { price } = state.fill
  if (position === null) {
    askFee(state, bar, meeting, { side: isExit(meeting) ? -1 : 1, price, traded })
    return quantity * price
  }
  let notional = 0
  const fee = (side: number, at: number): number => {
    notional = quantity * at
    return askFee(state, bar, meeting, { side, price: at, traded })
  }
  if (isExit(meeting)) position.exit(meeting, { quantity, price, fee })
  else position.enter({ quantity, price, fee }, line.orders[meeting.at]!.lot)
  return notional
}

/** Cash after the meetings in their order less cash before, plus the remaining quantity in order of opening times the close. */
function lineValue(state: TimelineState, bar: PlayedBar, { line, close }: { line: Line; close: number }): number {
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
    const known = meeting.fee === meeting.fee
    const fee = known ? meeting.fee : askFee(state, bar, meeting, { side: exit ? -1 : 1, price, traded })
    traded += notional
    cash = exit ? cash + (notional - fee) : cash - (notional + fee)
  }
  let held = 0
  for (const lot of line.lots) if (lot.open) held += lot.quantity
  return cash - before + held * close
}

/** What only triggered: a stop waits for room, a stop_limit rests from the next bar, if they may wait (F4, F5, F9). */
function triggerOnPath(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  if (!isImmediate(order)) return waitForRoom(state, book, order)
  cancelWorking(state, order, { reason: REASON.unfilled, step: STEP, decision: order.proposal.number })
}

function bookLine(state: TimelineState, bar: PlayedBar, line: PlayedLine, path: number): void {
  const { book } = bar
  for (const meeting of line.meetings) {
    if (meeting.kind === 'liquidation') {
      liquidatePosition(state, state.perp!, book, { step: STEP, path })
      continue
    }
    if (meeting.units > 0) setMeetingFill(state, bar, meeting, { path, quantity: meeting.quantity })
    if (isExit(meeting)) {
      const { id } = line.lots[meeting.at]!
      const lot = book.lots.find((one) => one.id === id)!
      if (meeting.exit < 0) bookLineExit(state, bar, meeting, lot)
      else bookExitOrder(state, bar, meeting, lot)
      continue
    }
    const order = bar.orders[meeting.at]!
    if (meeting.shortage !== null && !settleShortage(state, order, meeting.shortage)) continue
    if (meeting.units === 0) {
      triggerOnPath(state, book, order)
      continue
    }
    if (order.lot === null) setBracket(state, book, order)
    state.fill.units = meeting.units
    state.fill.quantity = meeting.quantity
    bookEntry(state, order)
  }
  state.pathFree = line.free
}
