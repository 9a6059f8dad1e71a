import type { Proposal } from './proposal.ts'

/** A resting order against the position of its symbol: it closes lots in order of opening, and never opens. */
export interface ExitOrder {
  readonly id: number
  readonly proposal: Proposal
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
