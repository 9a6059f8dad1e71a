import type { Decided } from './reference-engine-types.ts'

/** A resting order against the lots of its symbol. */
export interface RestingExit {
  id: number
  decided: Decided
  symbol: number
  type: 'limit' | 'stop'
  level: number
  /** Trailing stop: its extreme so far, null: it is none. */
  extreme: number | null
  units: number
  /** Instant at which its time is up; null: never. */
  endsAt: number | null
  /** Live bars it has met so far, and slots in a row without one. */
  liveBars: number
  waited: number
}
