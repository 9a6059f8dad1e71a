/** What a fill costs (C1). The order of fields follows the public port. */
export interface CostEvent {
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  /** Base quantity. */
  readonly quantity: number
  /** Price after slippage, quote currency. */
  readonly price: number
  /** quantity · price. */
  readonly notional: number
  readonly liquidity: 'maker' | 'taker'
}

/** Fee port. `rate` is what admission reserves with; `cost` is what a fill pays. */
export interface EventCostModel {
  /** Fee in quote currency; negative: a rebate. */
  cost(event: CostEvent): number
  /** Fee as a share of notional. */
  rate(liquidity: 'maker' | 'taker'): number
}

/** fee = notional · rate of the liquidity. */
export function createPercentFee({ maker, taker }: { maker: number; taker: number }): EventCostModel {
  return {
    cost: (event) => event.notional * (event.liquidity === 'maker' ? maker : taker),
    rate: (liquidity) => (liquidity === 'maker' ? maker : taker),
  }
}
