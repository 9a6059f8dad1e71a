/** A proposal as far as policies may see it at admission (P2). Absent numbers are NaN. */
export interface ProposalAsk {
  readonly symbol: number
  /** 1: opens long, −1: opens short. */
  readonly side: number
  /** Close of the decision bar. */
  readonly close: number
  /** Size that the decision names. */
  readonly size: number
  readonly entryPrice: number
  readonly tpPrice: number
  readonly tpPct: number
  readonly slPrice: number
  readonly slPct: number
  readonly trailDistance: number
  readonly trailPct: number
  readonly confidence: number
  /** What the legs of its proposal have: a lot, working orders; null: it has one leg. */
  readonly group: { readonly lot: object | null; readonly orders: readonly object[] } | null
}
