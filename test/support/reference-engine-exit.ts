import type { Decided } from './reference-engine-types.ts'

/** A resting order against the lots of its symbol, or against one of them. */
export interface RestingExit {
  id: number
  decided: Decided
  symbol: number
  /** The only lot that it closes; null: any. */
  lot: number | null
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
