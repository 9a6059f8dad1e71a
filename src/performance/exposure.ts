import { slotOf } from '../candles/interval.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { Fill } from '../backtest/explanation.ts'
import type { EquityInput } from './equity-metrics.ts'

/** Quantities up to this share of what was bought are rounding. */
const DUST = 1e-12

/** Last close of a symbol at the end of a slot; slots may only grow. */
export type MarkOf = (symbol: string, slot: number) => number

function notionalOf(holdings: ReadonlyMap<string, number>, marks: MarkOf, slot: number): number {
  let sum = 0
  for (const [symbol, held] of holdings) if (held > 0) sum += held * marks(symbol, slot)
  return sum
}

/** Last closes of series by slot. */
export function createMarks(series: readonly CandleSeries[]): MarkOf {
  const rows = new Map(series.map((one) => [one.symbol, { one, row: -1 }]))
  return (symbol, slot) => {
    const at = rows.get(symbol)!
    const { one } = at
    while (at.row + 1 < one.rows && slotOf(one.interval, one.time[at.row + 1]!) <= slot) at.row += 1
    return one.close[Math.max(at.row, 0)]!
  }
}

/**
 * Share of the window's bars in which a lot was held after the entries at the open or at the close, and the mean of
 * gross notional over equity at the closes. Notional is equity less cash on a spot market, else what `marks` says of the
 * holdings. `fills` in order of time.
 */
export function exposureOf(
  { interval, window, initialCash, equity }: Pick<EquityInput, 'interval' | 'window' | 'initialCash' | 'equity'>,
  fills: readonly Fill[],
  marks: MarkOf | null = null,
): { held: number; gross: number } {
  const bars = equity.length
  const lots = new Map<number, { held: number; bought: number }>()
  const holdings = new Map<string, number>()
  let cash = initialCash
  let open = 0
  let next = 0
  let heldBars = 0
  let grossSum = 0
  const book = (fill: Fill): void => {
    const notional = fill.quantity * fill.price
    const isEntry = fill.reason === 'entry'
    const change = isEntry ? fill.quantity : -fill.quantity
    cash = isEntry ? cash - (notional + fill.fee) : cash + (notional - fill.fee)
    const lot = lots.get(fill.lot) ?? { held: 0, bought: 0 }
    if (lot.bought === 0) open++
    if (isEntry) lot.bought += fill.quantity
    lot.held += change
    holdings.set(fill.symbol, (holdings.get(fill.symbol) ?? 0) + change)
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
    if (open > 0 && value > 0) grossSum += (marks === null ? value - cash : notionalOf(holdings, marks, slot)) / value
  }
  return { held: heldBars / bars, gross: grossSum / bars }
}
