/** A position of one symbol as far as liquidation knows it. */
export interface Position {
  /** 1: long, −1: short. */
  readonly side: number
  /** Σ quantity of its lots, above 0. */
  readonly quantity: number
  /** Σ quantity · entry over Σ quantity. */
  readonly averageEntry: number
}

/** Price at which the wallet of an isolated position is used up (L3): EP − s·WB/q. */
export function bankruptcyPrice(position: Position, wallet: number): number {
  return position.averageEntry - position.side * (wallet / position.quantity)
}
