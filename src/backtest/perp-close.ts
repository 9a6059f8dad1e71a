/*
 * Theory of operation: as step-close.ts marks a range of slots at once, for perpetuals. E begins with free cash; each
 * symbol that has lots adds its wallet and its unrealised profit. The first slot with E at or below 0 ends all trading.
 */
import { bookedValue, noteExposure } from '../ledger/ledger.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import { runLength } from '../portfolio/symbol-market.ts'
import { checkRange } from './book-state.ts'
import { noteBankrupt, type PerpState } from './perp-state.ts'
import type { TimelineState } from './timeline-state.ts'

/** E and the profit side of the slots from `from` to before `to`, at most RANGE_SLOTS of them. */
export function closePerpSlots(state: TimelineState, perp: PerpState, from: number, to: number): void {
  const { equity, profit, ledger } = state
  equity.fill(ledger.cash, from, to)
  profit.fill(bookedValue(ledger), 0, to - from)
  let exposure = 0
  for (const book of state.held) exposure += addBook(state, book, { wallet: perp.wallets[book.index]!, from, to })
  noteExposure(ledger, exposure)
  checkRange(state, from, to)
  for (let slot = from; slot < to; slot++) if (equity[slot]! <= 0) return noteBankrupt(perp, slot)
}

/** Adds one book to both sums and moves its mark to the last close before `to`. Its largest notional. */
function addBook(state: TimelineState, book: SymbolBook, range: { wallet: number; from: number; to: number }): number {
  const { equity, profit } = state
  const { market, quantity, averageEntry, side } = book
  const { wallet, from, to } = range
  let largest = quantity * book.mark
  let slot = from
  while (slot < to) {
    const run = runLength(market, slot, to)
    const isReal = run > 0
    const end = isReal ? slot + run : slot - run
    const shift = market.segmentRow[market.cursor]! - market.segmentSlot[market.cursor]!
    for (; slot < end; slot++) {
      if (isReal) book.mark = market.close[slot + shift]!
      const unrealised = side * quantity * (book.mark - averageEntry)
      equity[slot]! += wallet + unrealised
      profit[slot - from]! += unrealised
      if (quantity * book.mark > largest) largest = quantity * book.mark
    }
  }
  return largest
}
