import type { LegFunction } from '../proposals/leg-function.ts'
import type { Lot, WorkingOrder } from './book.ts'

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
  entryPrice: number
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
  /** Which function picks the line of an ambiguous bar: its text's place in the log's strings, from 1; 0: none. */
  readonly exitResolver: number
  /** Limit of a stop_limit. */
  readonly limitPrice: number
  readonly trailDistance: number
  readonly trailPct: number
  readonly confidence: number
  /** What it shares with the other legs of its proposal; null: it is the only one. */
  readonly group: ProposalGroup | null
  /** Units of the last leg: what the others have left by rounding; NaN: its size says them. */
  readonly restUnits: number
  /** What a function of the strategy says of a leg, asked at each close; null: nothing. */
  readonly functions: LegFunctions | null
  /** Whether the function `when` has said so; true without one. */
  isLive: boolean
  /** Units that are left of an order that was taken back; NaN: there was none. */
  leftUnits: number
  /** Slot at whose open its first order expires, for those that follow; NaN: there was none. */
  until: number
  /** Instant (ms UTC) and row from which it may be placed; NaN: at once. */
  readonly liveTime: number
  readonly liveBar: number
  /** Row of the decision bar in its series. */
  readonly row: number
  /** E and close at the decision: what sizing may see. */
  readonly equity: number
  close: number
  /** Bars of its symbol it could not use. */
  waited: number
  /** Refusals by admission that were not final. */
  tries: number
}

/** By name, with their arguments (P2). */
export interface LegFunctions {
  readonly price: LegFunction | null
  readonly when: LegFunction | null
}

/** The legs of one proposal: their first fill opens a lot, into which the others go (P6). */
export interface ProposalGroup {
  /** A leg was accepted (step 2): the others go with it. */
  isAccepted: boolean
  /** Working orders of its legs, in order of id. */
  readonly orders: WorkingOrder[]
  /** The lot while it is open. */
  lot: Lot | null
  /** Asked so far: base quantity, and units after rounding of each leg. */
  quantity: number
  units: number
}

export function createGroup(): ProposalGroup {
  return { isAccepted: false, orders: [], lot: null, quantity: 0, units: 0 }
}

/** What the entry orders of one lot have in common, and nothing else has. */
export function entryKey(proposal: Proposal): object {
  return proposal.group ?? proposal
}
