/*
 * Theory of operation: between two instants at which something can happen there is nothing to do but to mark. Such a range
 * of slots is marked at once, column by column: E of every slot begins with cash, then each symbol that has lots adds its
 * quantity times its mark, in symbol order, which is the same sum in the same order as slot by slot. Beside it runs the
 * profit side of the invariant (C3).
 */
import { bookedValue, tolerance } from '../ledger/ledger.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import { runLength } from '../portfolio/symbol-market.ts'
import { checkRange, noteBreach } from './book-state.ts'
import { noteBankrupt } from './perp-state.ts'
import { closePerpSlots } from './perp-close.ts'
import { RANGE_SLOTS, type TimelineState } from './timeline-state.ts'

/** Appends E of the slots from `from` to before `to`, whose bars have ended; no lot changes in between. */
export function closeSlots(state: TimelineState, from: number, to: number): void {
  if (state.held.length === 0) {
    state.equity.fill(state.ledger.cash, from, to)
    if (state.perp !== null && state.ledger.cash <= 0 && from < to) noteBankrupt(state.perp, from)
    return
  }
  for (let start = from; start < to; start += RANGE_SLOTS) {
    const end = start + RANGE_SLOTS < to ? start + RANGE_SLOTS : to
    if (state.perp !== null) closePerpSlots(state, state.perp, start, end)
    else if (state.held.length === 1) closeOne(state, state.held[0]!, start, end)
    else closeMany(state, start, end)
  }
}

function closeMany(state: TimelineState, from: number, to: number): void {
  const { equity, profit } = state
  equity.fill(state.ledger.cash, from, to)
  profit.fill(bookedValue(state.ledger), 0, to - from)
  for (const book of state.held) addBook(state, book, from, to)
  checkRange(state, from, to)
}

/** Adds one book to both sums, by runs of real bars and of gaps; moves its mark to the last close before `to`. */
function addBook(state: TimelineState, book: SymbolBook, from: number, to: number): void {
  const { market } = book
  let slot = from
  while (slot < to) {
    const run = runLength(market, slot, to)
    const shift = market.segmentRow[market.cursor]! - market.segmentSlot[market.cursor]!
    if (run > 0) {
      addMarks(state, book, { from: slot, to: slot + run, shift, base: from })
      book.mark = market.close[slot + run - 1 + shift]!
      slot += run
    } else {
      addFlat(state, book, { from: slot, to: slot - run, base: from })
      slot -= run
    }
  }
}

function addMarks(
  state: TimelineState,
  book: SymbolBook,
  range: { from: number; to: number; shift: number; base: number },
): void {
  const { equity, profit } = state
  const { close } = book.market
  const { quantity, averageEntry } = book
  const { from, to, shift, base } = range
  for (let slot = from; slot < to; slot++) {
    const mark = close[slot + shift]!
    equity[slot]! += quantity * mark
    profit[slot - base]! += quantity * (mark - averageEntry)
  }
}

function addFlat(state: TimelineState, book: SymbolBook, range: { from: number; to: number; base: number }): void {
  const { equity, profit } = state
  const held = book.quantity * book.mark
  const gain = book.quantity * (book.mark - book.averageEntry)
  for (let slot = range.from; slot < range.to; slot++) {
    equity[slot]! += held
    profit[slot - range.base]! += gain
  }
}

/** As closeMany for one symbol, both sums and the check in one loop where its bars have no gap. */
function closeOne(state: TimelineState, book: SymbolBook, from: number, to: number): void {
  if (runLength(book.market, from, to) !== to - from) {
    closeMany(state, from, to)
    return
  }
  const { equity, ledger } = state
  const { close, segmentRow, segmentSlot, cursor } = book.market
  const shift = segmentRow[cursor]! - segmentSlot[cursor]!
  const { cash } = ledger
  const booked = bookedValue(ledger)
  const { quantity, averageEntry } = book
  const limit = tolerance(ledger)
  let largest = ledger.largestEquity
  for (let slot = from; slot < to; slot++) {
    const mark = close[slot + shift]!
    const value = cash + quantity * mark
    const profitSide = booked + quantity * (mark - averageEntry)
    equity[slot] = value
    if (value > largest) largest = value
    if (!(Math.abs(value - profitSide) <= limit)) noteBreach(state, slot, profitSide)
  }
  ledger.largestEquity = largest
  book.mark = close[to - 1 + shift]!
}
