/** One order met: an exit of `lots[lot]` at its tp or sl, or the fill of `orders[order]`. */
export interface Meeting {
  readonly kind: 'take_profit' | 'stop_loss' | 'exit_limit' | 'exit_stop' | 'limit' | 'stop' | 'liquidation'
  /** Index into the lots or orders of the line. */
  readonly at: number
  readonly level: number
  /** What it fills; 0: it only triggers. */
  units: number
  quantity: number
  /** Price after slippage and fee of what it fills, once they are known; NaN: not yet. */
  price: number
  fee: number
  /** Of a resting exit: index into the exits of the line (else −1), the meeting of its first lot if this is not it, its whole quantity. */
  readonly exit: number
  readonly first: Meeting | null
  readonly total: number
}

/** A meeting that nothing is known of but what is met. */
export function newMeeting(kind: Meeting['kind'], at: number, level: number): Meeting {
  const unknown = { units: 0, quantity: 0, price: Number.NaN, fee: Number.NaN }
  return { kind, at, level, ...unknown, exit: -1, first: null, total: 0 }
}
