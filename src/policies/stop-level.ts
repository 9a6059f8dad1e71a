/** Where a proposal wants out: a stop loss as price or percent, a trailing distance, or both. Absent numbers are NaN. */
export interface StopAsk {
  readonly slPrice: number
  readonly slPct: number
  readonly trailDistance: number
  readonly trailPct: number
}

/** Stop loss of a position at `price`, before the tick; NaN: none. */
export function fixedStop(ask: StopAsk, price: number): number {
  return ask.slPct === ask.slPct ? price * (1 - ask.slPct / 100) : ask.slPrice
}

/** Trailing stop under the extreme `extreme`, before the tick (F5); NaN: none. */
export function trailingStop(ask: StopAsk, extreme: number): number {
  return ask.trailPct === ask.trailPct ? extreme * (1 - ask.trailPct / 100) : extreme - ask.trailDistance
}

/** The stop that a price falling from `price` meets first; NaN: none. */
export function firstStop(ask: StopAsk, price: number): number {
  const fixed = fixedStop(ask, price)
  const trailing = trailingStop(ask, price)
  return fixed !== fixed || trailing > fixed ? trailing : fixed
}

/** Whether a proposal has a trailing stop. */
export function hasTrail(ask: StopAsk): boolean {
  return ask.trailDistance === ask.trailDistance || ask.trailPct === ask.trailPct
}
