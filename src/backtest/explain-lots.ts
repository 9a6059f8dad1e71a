import { slotOf, slotOpen } from '../candles/interval.ts'
import type { Direction, ExplainInput, OpenLot, Trade, TradeExit } from './explanation.ts'
import { lowerBound } from './window.ts'

/** What the records have said of a lot so far. */
export interface LotState {
  readonly lot: number
  readonly symbol: number
  readonly decision: number
  readonly entryFill: number
  readonly entryTime: number
  readonly direction: Direction
  /** Average of all that was bought. */
  entryPrice: number
  /** Average of what is held. */
  average: number
  bought: number
  sold: number
  /** How many fills they are sums of. */
  fills: number
  fees: number
  funding: number
  slippage: number
  realised: number
  readonly exits: TradeExit[]
}

/** A closed lot as a trade (P6). */
export function closedLot(lot: LotState, symbol: string): Trade {
  let proceeds = 0
  for (const exit of lot.exits) proceeds += exit.price * exit.quantity
  const netPnl = lot.realised - lot.fees + lot.funding
  return {
    lot: lot.lot,
    symbol,
    direction: lot.direction,
    decision: lot.decision,
    quantity: lot.bought,
    entryFill: lot.entryFill,
    entryTime: lot.entryTime,
    entryPrice: lot.entryPrice,
    exitTime: lot.exits.at(-1)!.time,
    exitPrice: proceeds / lot.sold,
    grossPnl: lot.realised,
    fees: lot.fees,
    funding: lot.funding,
    slippage: lot.slippage,
    netPnl,
    returnOnEntry: netPnl / (lot.bought * lot.entryPrice),
    exits: lot.exits,
  }
}

/** A lot that is open at the end, at the last close of its symbol. */
export function openLot(input: ExplainInput, lot: LotState): OpenLot {
  const { config, series, window } = input
  const candles = series[lot.symbol]!
  const row = lowerBound(candles.time, candles.rows, window.end) - 1
  const mark = candles.close[row]!
  const quantity = lot.bought - lot.sold
  const unrealised = (lot.direction === 'long' ? 1 : -1) * quantity * (mark - lot.average)
  return {
    lot: lot.lot,
    symbol: config.symbols[lot.symbol]!,
    direction: lot.direction,
    decision: lot.decision,
    quantity,
    entryTime: lot.entryTime,
    entryPrice: lot.average,
    mark,
    markTime: slotOpen(config.interval, slotOf(config.interval, candles.time[row]!) + 1),
    unrealised,
    unrealisedReturn: unrealised / (quantity * lot.average),
    realised: lot.realised,
    fees: lot.fees,
    funding: lot.funding,
  }
}
