/* What a line meets: lots with their brackets and resting orders, in the mirror for shorts. */
import type { LineLot, LineOrder } from '../execution/line.ts'
import { isWaitingStop, type Lot, type WorkingOrder } from '../portfolio/book.ts'
import { entryKey } from '../portfolio/proposal.ts'
import { isAllOrNothing, isImmediate } from './order-life.ts'

/** A lot; its bracket is met if it acts already (F6). */
export function lineLot(lot: Lot, side: number, acts: boolean): LineLot {
  const { id, units, quantity, largestUnits: whole, stopped } = lot
  const tp = acts ? side * lot.tp : Number.NaN
  const sl = acts && !stopped ? side * lot.sl : Number.NaN
  return { id, units, quantity, whole, tp, sl, key: entryKey(lot.proposal), open: true }
}

/** An order that rests or waits for its trigger. */
export function lineOrder(order: WorkingOrder, lots: readonly Lot[]): LineOrder {
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
    key: entryKey(proposal),
    lot: order.lot === null ? -1 : lots.indexOf(order.lot),
    working: true,
  }
}
