/** An opening decision from its instant on (P2): data only. Absent numbers are NaN. */
export interface Proposal {
  /** Decision number: place in the order of T3, from 1. */
  readonly number: number
  readonly rank: number
  readonly symbol: number
  readonly unit: number
  readonly sequence: number
  /** 1: a BUY, opens long; −1: a SELL, opens short (perpetuals). */
  readonly side: number
  readonly size: number
  readonly entryPrice: number
  /** Index into ENTRY_TYPES. */
  readonly entryType: number
  readonly tpPrice: number
  readonly tpPct: number
  readonly slPrice: number
  readonly slPct: number
  readonly entryTime: number
  /** Index into TIMES_IN_FORCE, and the bars of gtd. */
  readonly timeInForce: number
  readonly expiresAfterBars: number
  /** Index into CROSSING_POLICIES. */
  readonly crossingPolicy: number
  /** Limit of a stop_limit. */
  readonly limitPrice: number
  readonly trailDistance: number
  readonly trailPct: number
  readonly confidence: number
  /** Row of the decision bar in its series. */
  readonly row: number
  /** E and close at the decision: what sizing may see. */
  readonly equity: number
  readonly close: number
  /** Bars of its symbol it could not use. */
  waited: number
  /** Refusals by admission that were not final. */
  tries: number
}
