/** Slippage port (F11): the price a taker gets, before clamping and rounding. */
export interface SlippageModel {
  price(side: 'buy' | 'sell', gross: number): number
}

/** buy: gross · (1 + bps/10000), sell: gross · (1 − bps/10000). */
export function createBpsSlippage({ bps }: { bps: number }): SlippageModel {
  const up = 1 + bps / 10_000
  const down = 1 - bps / 10_000
  return { price: (side, gross) => gross * (side === 'buy' ? up : down) }
}
