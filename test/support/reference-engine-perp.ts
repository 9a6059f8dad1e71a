import { knobsOf, quantityOf } from './reference-engine-rules.ts'
import type { Book, Lot, ReferenceInput, Run, WorkingEntry } from './reference-engine-types.ts'

/** The position of a symbol: the sum of its lots. */
export interface Position {
  side: 'long' | 'short'
  quantity: number
  /** EP: quantity-weighted entry. */
  entry: number
}

/** null: no lots. */
export function positionOf(input: ReferenceInput, book: Book, symbol: number): Position | null {
  const lots = book.lots.filter((lot) => lot.symbol === symbol)
  if (lots.length === 0) return null
  let quantity = 0
  let cost = 0
  for (const lot of lots) {
    const held = quantityOf(knobsOf(input, symbol), lot.units)
    quantity = quantity + held
    cost = cost + held * lot.entry
  }
  return { side: lots[0]!.side, quantity, entry: cost / quantity }
}

export function unrealised(position: Position, mark: number): number {
  const sign = position.side === 'long' ? 1 : -1
  return sign * position.quantity * (mark - position.entry)
}

/** Realised profit of a part of a lot at a price. */
export function realisedOf(lot: Lot, quantity: number, price: number): number {
  return lot.side === 'long' ? quantity * (price - lot.entry) : quantity * (lot.entry - price)
}

export function isIsolated(input: ReferenceInput): boolean {
  return input.config.perpetual !== undefined && input.config.perpetual.marginMode === 'isolated'
}

/** L3: the price at which the wallet is used up. */
export function bankruptcyPrice(position: Position, wallet: number): number {
  const perUnit = wallet / position.quantity
  return position.side === 'long' ? position.entry - perUnit : position.entry + perUnit
}

/** What a close of all lots is measured by: wallet and quantity before its first fill. */
export interface Whole {
  wallet: number
  quantity: number
  bankruptcy: number
}

export function wholeOf(input: ReferenceInput, book: Book, symbol: number): Whole | null {
  const position = positionOf(input, book, symbol)
  if (position === null || !isIsolated(input)) return null
  const wallet = book.wallets.get(symbol)!
  return { wallet, quantity: position.quantity, bankruptcy: bankruptcyPrice(position, wallet) }
}

/** L3: no exit of an isolated position is priced beyond bankruptcy. */
export function insuredPrice(
  side: 'long' | 'short',
  price: number,
  bankruptcy: number,
): { price: number; insured: number } {
  const beyond = side === 'long' ? price < bankruptcy : price > bankruptcy
  return beyond ? { price: bankruptcy, insured: bankruptcy } : { price, insured: 0 }
}

/** Cross margin: E less what the positions bind, at the marks of now. */
function crossFree(input: ReferenceInput, book: Book, markOf: (symbol: number) => number): number {
  let equity = book.cash
  let bound = 0
  for (let symbol = 0; symbol < input.bars.length; symbol++) {
    const position = positionOf(input, book, symbol)
    if (position === null) continue
    const mark = book.freshMarks.get(symbol) ?? markOf(symbol)
    equity = equity + unrealised(position, mark)
    bound = bound + (position.quantity * mark) / input.config.perpetual!.leverage
  }
  return equity - bound
}

/** Cash at tau(k) that is not reserved, leaving out the reserve of one entry. */
export function freeCash(run: Run, except: WorkingEntry | null, k: number): number {
  return freeCashAt(run.input, run.book, except, run.input.opens[k]!)
}

/** The same at an instant. */
export function freeCashAt(input: ReferenceInput, book: Book, except: WorkingEntry | null, time: number): number {
  let free = book.cash
  if (input.config.perpetual?.marginMode === 'cross') {
    free = crossFree(input, book, (symbol) => input.bars[symbol]!.findLast((bar) => bar.time < time)!.close)
  }
  const entries = [...book.entries].sort((a, b) => a.id - b.id)
  for (const entry of entries) if (entry !== except) free = free - entry.reserve
  return free
}
