/** Slippage port (F11): what a taker gets, before clamping and rounding. */
export interface SlippageModel {
  /** Whether it needs series with volume (T5). */
  readonly needsVolume: boolean
  /** Price of `quantity` of an order that takes at `gross` in a bar of `volume`, which is `row` of the symbol's series. */
  price(side: 'buy' | 'sell', gross: number, quantity: number, volume: number, symbol: number, row: number): number
  /** The most that a buy at `gross` can cost, whatever its bar will be. */
  dearest(gross: number): number
}

/** buy: gross · (1 + bps/10000), sell: gross · (1 − bps/10000). */
export function createBpsSlippage({ bps }: { bps: number }): SlippageModel {
  const up = 1 + bps / 10_000
  const down = 1 - bps / 10_000
  return {
    needsVolume: false,
    price: (side, gross) => gross * (side === 'buy' ? up : down),
    dearest: (gross) => gross * up,
  }
}

/** buy: gross + spread/2, sell: gross − spread/2, but not below 0. */
export function createHalfSpreadSlippage({ spread }: { spread: number }): SlippageModel {
  const half = spread / 2
  return {
    needsVolume: false,
    price: (side, gross) => (side === 'buy' ? gross + half : Math.max(0, gross - half)),
    dearest: (gross) => gross + half,
  }
}

/** gross · (1 ± s) with s = k · (quantity / volume)², at most maxPercent; that too in a bar without volume. */
export function createVolumeSlippage({ k, maxPercent }: { k: number; maxPercent: number }): SlippageModel {
  const most = maxPercent / 100
  return {
    needsVolume: true,
    price(side, gross, quantity, volume) {
      const share = quantity / volume
      const s = volume > 0 ? Math.min(k * (share * share), most) : most
      return side === 'buy' ? gross * (1 + s) : gross * (1 - s)
    },
    dearest: (gross) => gross * (1 + most),
  }
}
