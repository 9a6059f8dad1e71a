/* What a decision becomes: the proposal, its orders, its lot. They know each other, so they stand together. */
import type { LegFunction } from '../proposals/leg-function.ts'

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
  /** Name of the executor that says what of its order fills (F13); null: the rules do. */
  readonly executor: string | null
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
  /** Of its entry legs: 1 opens long, −1 short. */
  readonly side: number
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

/** An admitted entry order (P3 f). */
export interface WorkingOrder {
  readonly id: number
  readonly proposal: Proposal
  /** Index into ORDER_TYPES: market, limit, stop or stop_limit. */
  readonly type: number
  /** Limit or stop price on the tick, of a stop_limit its stop price; 0 for market. */
  readonly price: number
  /** Price that a limit or stop_limit never fills beyond; NaN: none. */
  readonly limit: number
  /** Slot from which it rests in the market as a limit; infinity: not yet. */
  restsFrom: number
  /** Steps, or base quantity where there is no step. */
  units: number
  quantity: number
  /** Units with which it was placed. */
  readonly asked: number
  /** What it keeps from others: margin and fee; on a spot market that is notional and fee. */
  reserve: number
  /** Notional and fee: what it adds to exposure. */
  exposure: number
  /** The lot that it fills: of what has filled of it, or of another leg of its proposal; null: there is none yet. */
  lot: Lot | null
  hasFilled: boolean
  /** A market order or triggered stop that takes what the next bars have room for (F9). */
  takes: boolean
  /** Absolute bracket prices on the tick; NaN: none or percent. */
  readonly tp: number
  readonly sl: number
  /** Slot in which it was admitted: its first live bar. */
  readonly slot: number
  /** Slot at whose open it has expired; infinity: never. */
  readonly until: number
  /** Slots in a row without a live bar, up to `waitedSlot`; slots in between that were not looked at were live. */
  waited: number
  waitedSlot: number
}

/** One entry and what is left of it (P6). */
export interface Lot {
  readonly id: number
  readonly order: number
  readonly proposal: Proposal
  /** 1: long, −1: short; the same for all lots of a symbol (P6). */
  readonly side: number
  units: number
  largestUnits: number
  quantity: number
  /** Average over its entry fills, by what was held of it. */
  entry: number
  /** Σ notional of its entry fills. */
  staked: number
  /** What still works of its entry, in order of id. */
  entries: WorkingOrder[]
  /** Its stop has triggered, but its bars had no room (F9): it is sold at the next opens. */
  stopped: boolean
  readonly gross: number
  /** Bracket prices on the tick, the stop in force; NaN: none. */
  tp: number
  sl: number
  /** First slot in which its bracket acts (F6). */
  readonly actsFrom: number
  /** Slot of the entry, and whether that was on the path through its bar, or somewhere in it (F13). */
  readonly slot: number
  readonly onPath: boolean
  /** What the trailing stop follows; NaN: none. */
  extreme: number
  /** Whether `sl` is that of the trailing stop. */
  trails: boolean
  /** Realised profit less fees so far. */
  net: number
}

/** A resting order against the position of its symbol: it closes lots in order of opening, and never opens. */
export interface ExitOrder {
  readonly id: number
  readonly proposal: Proposal
  /** The only lot that it closes, and with which it ends: that of its leg's proposal; null: any. */
  readonly lot: Lot | null
  /** Index into ORDER_TYPES: limit or stop. */
  readonly type: number
  /** Limit or stop price on the tick; that of a trailing stop moves. */
  price: number
  /** What a trailing stop follows (F5); NaN: it is none. */
  extreme: number
  readonly units: number
  readonly quantity: number
  /** No live bar of its symbol has begun since it was placed. */
  isFresh: boolean
  /** Slot at whose open it has expired; infinity: never. */
  readonly until: number
  /** Slots in a row without a live bar, up to `waitedSlot`; slots in between that were not looked at were live. */
  waited: number
  waitedSlot: number
}

export function createGroup(side: number): ProposalGroup {
  return { side, isAccepted: false, orders: [], lot: null, quantity: 0, units: 0 }
}

/** Whether it is a leg against the direction of its proposal: it closes what the others enter. */
export function isExitLeg({ group, side }: Proposal): boolean {
  return group !== null && group.side !== side
}

/** What the entry orders of one lot have in common, and nothing else has. */
export function entryKey(proposal: Proposal): object {
  return proposal.group ?? proposal
}
