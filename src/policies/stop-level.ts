/** Where a proposal wants out: a stop loss as price or percent, a trailing distance, or both. Absent numbers are NaN. */
export interface StopAsk {
  /** 1: it buys, and its stops lie below; −1: it sells short. */
  readonly side: number
  readonly slPrice: number
  readonly slPct: number
  readonly trailDistance: number
  readonly trailPct: number
}

/** Stop loss of a position at `price`, before the tick; NaN: none. */
export function fixedStop(ask: StopAsk, price: number): number {
  return ask.slPct === ask.slPct ? price * (1 - (ask.side * ask.slPct) / 100) : ask.slPrice
}

/** Trailing stop at its distance from the extreme, before the tick (F5); NaN: none. */
export function trailingStop(ask: Pick<StopAsk, 'side' | 'trailDistance' | 'trailPct'>, extreme: number): number {
  if (ask.trailPct === ask.trailPct) return extreme * (1 - (ask.side * ask.trailPct) / 100)
  return extreme - ask.side * ask.trailDistance
}

/** The stop that a price going against a position at `price` meets first; NaN: none. */
export function firstStop(ask: StopAsk, price: number): number {
  const fixed = fixedStop(ask, price)
  const trailing = trailingStop(ask, price)
  return fixed !== fixed || ask.side * trailing > ask.side * fixed ? trailing : fixed
}

/** Whether a proposal has a trailing stop. */
export function hasTrail(ask: StopAsk): boolean {
  return ask.trailDistance === ask.trailDistance || ask.trailPct === ask.trailPct
}
