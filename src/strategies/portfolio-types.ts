import type { BarView, IndicatorKinds, OrderTerms } from './decision-types.ts'

export type PortfolioOrderType = 'market' | 'limit' | 'stop' | 'stop_limit'

/** An order to place. Prices in quote currency. */
export interface OrderRequest extends OrderTerms {
  /** May be left out where the run has one symbol. */
  symbol?: string
  side: 'buy' | 'sell'
  /** Base quantity. */
  quantity: number
  /** Default: market, at the next open. */
  type?: PortfolioOrderType
  /** Of a limit or stop_limit: it never fills beyond. */
  limitPrice?: number
  /** Of a stop or stop_limit: it triggers when touched. */
  stopPrice?: number
  /** It closes at most what is open on the other side, and never opens; a stop with `trail` then trails itself. */
  reduceOnly?: boolean
}

/** The sum of the lots of one symbol. */
export interface PositionView {
  readonly symbol: string
  readonly side: 'long' | 'short'
  readonly quantity: number
  /** Average entry, net of slippage. */
  readonly entryPrice: number
}

/** One entry and what is left of it. */
export interface LotView {
  readonly id: number
  /** Id of the order that opened it. */
  readonly order: number
  readonly symbol: string
  readonly side: 'long' | 'short'
  readonly quantity: number
  readonly entryPrice: number
  /** Bracket in force; null: none. */
  readonly tpPrice: number | null
  readonly slPrice: number | null
}

/** An order that waits for its next bar, or works. */
export interface OrderView {
  /** What `submit` or `close` returned. */
  readonly id: number
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly type: PortfolioOrderType
  /** What is left of it. */
  readonly quantity: number
  readonly limitPrice: number | null
  readonly stopPrice: number | null
  readonly reduceOnly: boolean
}

/** What `onBar` sees and does. One object for the run, refilled before each call. */
export interface Portfolio<Kinds extends IndicatorKinds = IndicatorKinds> extends BarView<Kinds> {
  /** Cash, and equity with positions at their last close. */
  readonly cash: number
  readonly equity: number
  /** Open lots in symbol order, each symbol's in order of opening. */
  readonly lots: readonly LotView[]
  /** Live orders in the order of their ids; brackets stand at their lots. */
  readonly orders: readonly OrderView[]
  position(symbol?: string): PositionView | null
  /** Places an order that acts from the next bar of its symbol on. Its id is its number among all decisions of the run. */
  submit(order: OrderRequest): number
  /** Withdraws a live order at once; false: there is none of that id. */
  cancel(id: number): boolean
  /** Closes a lot, or all lots of a symbol together with its orders, at the next open. Its id; null: nothing to close. */
  close(what: string | number): number | null
}
