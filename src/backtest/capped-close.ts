/*
 * A close under a participation cap (F9). What it closes is fixed when it first acts: the lots of then, and of a close of a
 * size its units. It sells of them what each bar has room for, until nothing is left of it or of them.
 */
import { isDust, roomLeft } from '../execution/participation.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import type { PendingClose } from '../portfolio/pending-close.ts'
import { quantityOf, unitsOf } from '../portfolio/money.ts'
import { roomOf } from './bar-room.ts'
import { closeUnits, type ExitCause } from './booking.ts'
import { marketGross } from './market-fill.ts'
import { REASON } from './record-codes.ts'
import { askedSize, endClose } from './refusals.ts'
import type { TimelineState } from './timeline-state.ts'

const STEP = 4

/** What the step of closes does for this one. */
export interface CloseActions {
  readonly row: number
  readonly cause: ExitCause
  /** A full close takes working entries along. */
  clearEntries(): void
  /** Sets the fill of `quantity` in all at the open. */
  setFill(quantity: number): void
}

/** Acts on a close in a live bar; false if something is left for the next one. */
export function closeInRoom(state: TimelineState, book: SymbolBook, close: PendingClose, at: CloseActions): boolean {
  const first = close.rest !== close.rest
  const reason = first ? startClose(state, book, close, at) : 0
  const lots = book.lots.filter((lot) => isOf(close, lot.id))
  if (reason !== 0 || lots.length === 0) {
    endClose(state, close, { reason: reason || REASON.position_gone, step: STEP, quantity: askedOf(book, close) })
    return true
  }
  let held = 0
  for (const lot of lots) held += lot.units
  const room = roomOf(state, book, at.row)!
  let left = Math.min(close.rest, held, roomLeft(room))
  if (left <= 0) return false
  at.setFill(quantityOf(left, book.rules))
  for (const lot of lots) {
    if (left <= 0) break
    const isWhole = left >= lot.units || isDust(room, lot.units - left, lot.largestUnits)
    const units = isWhole ? lot.units : left
    left -= units
    close.rest -= units
    closeUnits(state, lot, units, at.cause)
  }
  if (!(close.rest > 0) || isDust(room, close.rest, unitsOf(close.size, book.rules))) return true
  return !book.lots.some((lot) => isOf(close, lot.id))
}

/** Whether a close that has acted is about a lot. */
function isOf({ lot, before }: PendingClose, id: number): boolean {
  return lot > 0 ? id === lot : id < before
}

/** Fixes what a close is about; the reason why it is about nothing, or 0. */
function startClose(state: TimelineState, book: SymbolBook, close: PendingClose, at: CloseActions): number {
  if (book.lots.length === 0) return REASON.position_gone
  if (close.size < book.quantity) {
    const { rules } = book
    const units = unitsOf(close.size, rules)
    const quantity = quantityOf(units, rules)
    if (units <= 0) return REASON.zero_quantity
    if (quantity < rules.minQuantity) return REASON.below_min_quantity
    if (quantity * marketGross(state, book, at.row) < rules.minNotional) return REASON.below_min_notional
    close.rest = units
  } else {
    if (close.lot === 0 && !close.keepsEntries) at.clearEntries()
    close.rest = Number.POSITIVE_INFINITY
  }
  close.before = state.nextLot
  return 0
}

/** Quantity that its refusal names: what it asked for. */
function askedOf(book: SymbolBook, close: PendingClose): number {
  return close.size < book.quantity ? quantityOf(unitsOf(close.size, book.rules), book.rules) : askedSize(close.size)
}
