/*
 * What every record and every change of a book shares: a record is begun and ended, and sums, levels and memberships of a
 * book follow its lots and orders. Both sums are checked with each record (C3).
 */
import { bookedValue, breachText, noteExposure, sumsAgree, tolerance } from '../ledger/ledger.ts'
import { appendLot, MARKET, refreshBook, type SymbolBook } from '../portfolio/book.ts'
import type { PerpState } from './perp-state.ts'
import type { RecordWriter } from './record-stream.ts'
import { slotTime, type TimelineState } from './timeline-state.ts'
import type { ExitOrder, Lot, WorkingOrder } from '../portfolio/orders.ts'

/** Begins a record of this instant; the caller sets its fields and ends it with `putRecord`. */
export function startRecord(state: TimelineState, kind: number, reason: number, step: number): RecordWriter {
  state.writer.begin(kind, reason, step, state.time, state.ledger.cash)
  return state.writer
}

/** Ends a record: both sums must agree after it. */
export function putRecord(state: TimelineState): void {
  if (state.perp !== null) return putPerpRecord(state, state.perp)
  let cashSide = state.ledger.cash
  let profitSide = bookedValue(state.ledger)
  const held = state.held
  for (let i = 0; i < held.length; i++) {
    const book = held[i]!
    cashSide += book.quantity * book.mark
    profitSide += book.quantity * (book.mark - book.averageEntry)
  }
  endRecord(state, cashSide, profitSide)
}

/** Cash side: free cash, wallets and unrealised profit (C3). */
function putPerpRecord(state: TimelineState, perp: PerpState): void {
  let cashSide = state.ledger.cash
  let profitSide = bookedValue(state.ledger)
  let exposure = 0
  for (const book of state.held) {
    const unrealised = book.side * book.quantity * (book.mark - book.averageEntry)
    cashSide += perp.wallets[book.index]! + unrealised
    profitSide += unrealised
    exposure += book.quantity * book.mark
  }
  noteExposure(state.ledger, exposure)
  endRecord(state, cashSide, profitSide)
}

function endRecord(state: TimelineState, cashSide: number, profitSide: number): void {
  if (!sumsAgree(state.ledger, cashSide, profitSide)) {
    state.breach ??= breachText({ cashSide, profitSide, time: state.time })
  }
  if (state.writer.overLimit) state.tooManyOrders ??= `Cannot record more: over ${state.writer.limit} records`
}

/** Ends the run if the sums of a slot's close disagree. */
export function noteBreach(state: TimelineState, slot: number, profitSide: number): void {
  const cashSide = state.equity[slot]!
  if (sumsAgree(state.ledger, cashSide, profitSide)) return
  state.breach ??= breachText({ cashSide, profitSide, time: slotTime(state, slot + 1) })
}

/** Looks at both sums of the slots from `from` to before `to`, at most RANGE_SLOTS of them. */
export function checkRange(state: TimelineState, from: number, to: number): void {
  const { equity, profit, ledger } = state
  const limit = tolerance(ledger)
  let largest = ledger.largestEquity
  for (let slot = from; slot < to; slot++) {
    const value = equity[slot]!
    if (value > largest) largest = value
    if (!(Math.abs(value - profit[slot - from]!) <= limit)) noteBreach(state, slot, profit[slot - from]!)
  }
  if (largest > ledger.largestEquity) ledger.largestEquity = largest
}

function insertBook(books: SymbolBook[], book: SymbolBook): void {
  let at = books.length
  while (at > 0 && books[at - 1]!.index > book.index) at -= 1
  if (at === books.length) books.push(book)
  else books.splice(at, 0, book)
}

/** Takes an item out of a list, most often the last or the first. */
export function removeItem<T>(list: T[], item: T): void {
  if (list[list.length - 1] === item) list.pop()
  else if (list[0] === item) list.shift()
  else list.splice(list.indexOf(item), 1)
}

/** Puts an item into a list that stands in the order of decision numbers. */
export function insertByNumber<T extends { readonly number: number }>(list: T[], item: T): void {
  let at = list.length
  while (at > 0 && list[at - 1]!.number > item.number) at -= 1
  if (at === list.length) list.push(item)
  else list.splice(at, 0, item)
}

/** Brings sums, levels and memberships of a book up to date after its lots or resting orders changed. */
export function updateBook(state: TimelineState, book: SymbolBook): void {
  state.brackets -= book.brackets
  refreshBook(book, state.slot)
  state.brackets += book.brackets
  updateMembership(state, book)
}

/** Brings a book up to date with one lot more. */
export function addLot(state: TimelineState, book: SymbolBook, lot: Lot): void {
  state.brackets -= book.brackets
  appendLot(book, lot, state.slot)
  state.brackets += book.brackets
  updateMembership(state, book)
}

function updateMembership(state: TimelineState, book: SymbolBook): void {
  const isHeld = book.lots.length > 0
  if (isHeld !== book.isHeld) {
    book.isHeld = isHeld
    if (isHeld) insertBook(state.held, book)
    else removeItem(state.held, book)
  }
  const isWatched = book.brackets > 0 || book.resting > 0 || book.liquidation === book.liquidation
  if (isWatched !== book.isWatched) {
    book.isWatched = isWatched
    if (isWatched) insertBook(state.watched, book)
    else removeItem(state.watched, book)
  }
}

/** Takes an exit that is done, or ends, out of run and book. */
export function dropExit(state: TimelineState, book: SymbolBook, order: ExitOrder): void {
  removeItem(state.exits, order)
  removeItem(book.exits, order)
  updateBook(state, book)
}

/** Takes a working entry out of run and book; its reserve is free again. */
export function dropWorking(state: TimelineState, book: SymbolBook, order: WorkingOrder): void {
  removeItem(state.working, order)
  removeItem(book.working, order)
  const { group } = order.proposal
  if (group !== null) removeItem(group.orders, order)
  if (order.lot !== null && order.lot.entries.includes(order)) removeItem(order.lot.entries, order)
  if (order.type !== MARKET || order.takes) updateBook(state, book)
}
