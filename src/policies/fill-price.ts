/** A fill that the rules have found, before it is booked. */
export interface FillAsk {
  /** Index into the symbols of the run, and row of the bar in its series. */
  readonly symbol: number
  readonly row: number
  readonly side: 'buy' | 'sell'
  readonly kind: 'entry' | 'exit'
  readonly type: 'market' | 'limit' | 'stop' | 'stop_limit'
  readonly quantity: number
  /** Before and after slippage. */
  readonly gross: number
  readonly price: number
  /** Price that the order never fills beyond; NaN: none. */
  readonly limit: number
  readonly liquidity: 'maker' | 'taker'
  /** An entry met inside a bar, which has only its reserve. */
  readonly isReserved: boolean
}

/** Fill port: the price that a fill is booked at. */
export interface FillPricer {
  price(ask: FillAsk): number
}
