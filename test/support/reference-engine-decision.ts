import type { ReferenceConfig } from './reference-engine-types.ts'

/** A row of the decision log, in the reference's own shape. */
export interface ReferenceDecision {
  unit: number
  bar: number
  symbol: number
  sequence: number
  signal: 'BUY' | 'SELL'
  intent?: 'auto' | 'open' | 'close'
  entryType?: 'default' | 'market' | 'limit' | 'stop' | 'stop_limit'
  size?: number
  entryPrice?: number
  tpPrice?: number
  tpPct?: number
  slPrice?: number
  slPct?: number
  entryTime?: number
  timeInForce?: 'gtc' | 'gtd' | 'day' | 'ioc' | 'fok'
  expiresAfterBars?: number
  limitPrice?: number
  crossingPolicy?: ReferenceConfig['fill']
  trailDistance?: number
  trailPct?: number
  confidence?: number
  rank?: number
  /** Slots between the close of the bar and the decision. */
  late?: number
  /** What onBar did; absent: a decision of decide(). */
  action?: 'order' | 'cancel' | 'close'
  target?: number
  reduceOnly?: 'yes'
  /** Place in a proposal of several legs, from 1; and from when a leg may be placed. */
  leg?: number
  liveTime?: number
  liveBar?: number
  /** Functions of a leg, as canonical JSON. */
  priceFn?: string
  whenFn?: string
  /** Picks the line of an ambiguous bar, likewise. */
  exitResolver?: string
  /** Code of the user that says what of the order fills. */
  executor?: string
}

/** What functions have said of a leg, and what is left of its order that was taken back. */
export interface AskedLeg {
  isLive: boolean
  left: number | null
  /** When the time of its first order is up. */
  endsAt?: number | null
}
