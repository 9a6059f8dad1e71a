import type { FlatJson } from '../protocol/run-config.ts'
import type { CrossingPolicy, TimeInForce } from '../backtest/decision-log.ts'

export type Direction = 'BUY' | 'SELL'

/** A static method of the strategy's class by its name, told `args` first. */
export interface NamedFunction {
  fn: string
  args?: FlatJson
}

/** One order of a proposal: it enters, or with the other side than the proposal's closes that much of its lot. Prices in quote currency, quantity in base currency. */
export interface OrderLeg {
  quantity: number
  side: Direction
  /** Absent: market. A function is asked at each close while the leg lives (P2). */
  price?: number | NamedFunction
  /** Default: what the price is against the close of the decision bar (P7). */
  type?: 'limit' | 'stop'
  timeInForce?: TimeInForce
  /** Bars of a gtd. */
  expiresAfterBars?: number
  /** From when it is live: below 1e9 the index of a bar, else ms UTC. Default: at once. */
  when?: number | NamedFunction
  comment?: string
}

/** What a proposal is as a whole; percentages are positive and count from the entry. */
export interface TradeMeta {
  symbol: string
  direction: Direction
  size: number
  entryPrice?: number
  entryTime?: number
  tpPrice?: number
  slPrice?: number
  tpPct?: number
  slPct?: number
  crossingPolicy?: CrossingPolicy
  /** Picks the line of each ambiguous bar (F7). */
  exitResolver?: NamedFunction
}

export interface TradeProposal {
  meta: TradeMeta
  legs: OrderLeg[]
}
