/* What a line meets: lots with their brackets and resting orders, in the mirror for shorts. */
import type { LineExit, LineLot, LineOrder } from '../execution/line.ts'
import { isWaitingStop, STOP } from '../portfolio/book.ts'
import { isAllOrNothing, isImmediate } from './order-life.ts'
import { entryKey, type ExitOrder, type Lot, type WorkingOrder } from '../portfolio/orders.ts'

/** A lot; its bracket is met if it acts already (F6). */
export function lineLot(lot: Lot, side: number, acts: boolean): LineLot {
  const { id, units, quantity, largestUnits: whole, stopped } = lot
  const tp = acts ? side * lot.tp : Number.NaN
  const sl = acts && !stopped ? side * lot.sl : Number.NaN
  return { id, units, quantity, whole, tp, sl, key: entryKey(lot.proposal), open: true }
}

/** A resting order against the lots. */
export function lineExit({ type, price, units, lot }: ExitOrder, side: number, lots: readonly Lot[]): LineExit {
  return {
    isStop: type === STOP,
    price: side * price,
    units,
    lot: lot === null ? -1 : lots.indexOf(lot),
    working: true,
  }
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
