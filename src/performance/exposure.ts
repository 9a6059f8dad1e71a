import { slotOf } from '../candles/interval.ts'
import type { Fill } from '../backtest/explanation.ts'
import type { EquityInput } from './equity-metrics.ts'

/** Quantities up to this share of what was bought are rounding. */
const DUST = 1e-12

/**
 * Share of the window's bars in which a lot was held after the entries at the open or at the close, and the mean of
 * gross notional over equity at the closes. Long lots only, so that notional is equity less cash. `fills` in order of time.
 */
export function exposureOf(
  { interval, window, initialCash, equity }: Pick<EquityInput, 'interval' | 'window' | 'initialCash' | 'equity'>,
  fills: readonly Fill[],
): { held: number; gross: number } {
  const bars = equity.length
  const lots = new Map<number, { held: number; bought: number }>()
  let cash = initialCash
  let open = 0
  let next = 0
  let heldBars = 0
  let grossSum = 0
  const book = (fill: Fill): void => {
    const notional = fill.quantity * fill.price
    cash = fill.side === 'buy' ? cash - (notional + fill.fee) : cash + (notional - fill.fee)
    const lot = lots.get(fill.lot) ?? { held: 0, bought: 0 }
    if (lot.bought === 0) open++
    if (fill.side === 'buy') lot.bought += fill.quantity
    lot.held += fill.side === 'buy' ? fill.quantity : -fill.quantity
    lots.set(fill.lot, lot)
    if (lot.held > DUST * lot.bought) return
    open--
    lots.delete(fill.lot)
  }
  for (let bar = 0; bar < bars; bar++) {
    const slot = window.firstSlot + bar
    const inBar = () => next < fills.length && slotOf(interval, fills[next]!.time) <= slot
    while (inBar() && fills[next]!.why.path === 'none') book(fills[next++]!)
    const afterOpen = open > 0
    while (inBar()) book(fills[next++]!)
    if (afterOpen || open > 0) heldBars++
    const value = equity[bar]!
    if (open > 0 && value > 0) grossSum += (value - cash) / value
  }
  return { held: heldBars / bars, gross: grossSum / bars }
}
