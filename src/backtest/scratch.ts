/* Scratch of phase 2: one object each, used again and again. Halves keep the fields numbers that are not small integers. */

/** How a fill comes about (F12) and what it fills; codes as in the records. */
export interface FillScratch {
  gross: number
  price: number
  units: number
  quantity: number
  /** Bracket of the lot that an entry opens; NaN: none. */
  tp: number
  sl: number
  /** What its trailing stop follows, NaN: none; whether `sl` is that of the trailing stop. */
  extreme: number
  trails: boolean
  /** Fee that is known already; NaN: it is asked for as the fill is booked. */
  fee: number
  /** Bankruptcy price that an exit was priced at instead of a worse one; 0: it was not. */
  insured: number
  liquidity: number
  rule: number
  step: number
  path: number
}

/** An order on its way through admission (P3). */
export interface Draft {
  type: number
  /** Limit or stop price; price that admission reckons with. */
  price: number
  /** Price that it never fills beyond; NaN: none. */
  limit: number
  reckoned: number
  units: number
  quantity: number
  need: number
  /** Notional and fee. */
  exposure: number
}

export function createFillScratch(): FillScratch {
  return {
    gross: 0.5,
    price: 0.5,
    units: 0.5,
    quantity: 0.5,
    tp: 0.5,
    sl: 0.5,
    extreme: 0.5,
    trails: false,
    fee: Number.NaN,
    insured: 0,
    liquidity: 0,
    rule: 0,
    step: 0,
    path: 0,
  }
}

export function createDraft(): Draft {
  return { type: 0, price: 0.5, limit: 0.5, reckoned: 0.5, units: 0.5, quantity: 0.5, need: 0.5, exposure: 0.5 }
}
