/** What capacity and risk may see at admission (P2): the account as of now, nothing later. */
export interface AccountView {
  /** Open lots and working entries, of all symbols or of one. */
  positions(): number
  positionsOf(symbol: number): number
  /** Entries, open or working, and their take profits and stop losses. */
  legs(): number
  /** Σ quantity · mark in symbol order, plus notional and fee of working entries. */
  exposure(): number
  /** E of now. */
  equity(): number
  /** E at the last instant up to the UTC midnight that began this day. */
  dayEquity(): number
}

/** A limit that stands in the way: what would be needed and what is allowed. */
export interface LimitHit {
  readonly needed: number
  readonly available: number
  /** What a policy of the user says of it; absent: nothing. */
  readonly text?: string
}
