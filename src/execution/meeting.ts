/** One order met: an exit of `lots[lot]` at its tp or sl, or the fill of `orders[order]`. */
export interface Meeting {
  readonly kind: 'take_profit' | 'stop_loss' | 'exit_limit' | 'exit_stop' | 'limit' | 'stop' | 'liquidation'
  /** Index into the lots or orders of the line. */
  readonly at: number
  readonly level: number
  /** What it fills; 0: it only triggers. */
  units: number
  quantity: number
  /** Of an entry that could not be paid whole; null: it could, or was reserved for. */
  shortage: Shortage | null
  /** Price after slippage and fee of what it fills, once they are known; NaN: not yet. */
  price: number
  fee: number
  /** Of a resting exit: index into the exits of the line (else −1), the meeting of its first lot if this is not it, its whole quantity. */
  readonly exit: number
  readonly first: Meeting | null
  readonly total: number
}

/** Cash that an order needed on the line and what was there; `units`: what is left of the order, 0: it is refused. */
export interface Shortage {
  readonly needed: number
  readonly available: number
  readonly units: number
}

/** A meeting that nothing is known of but what is met. */
export function newMeeting(kind: Meeting['kind'], at: number, level: number): Meeting {
  const unknown = { units: 0, quantity: 0, shortage: null, price: Number.NaN, fee: Number.NaN }
  return { kind, at, level, ...unknown, exit: -1, first: null, total: 0 }
}
