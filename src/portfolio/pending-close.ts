/** A closing decision that waits for the next live bar of its symbol. */
export interface PendingClose {
  readonly order: number
  readonly number: number
  readonly rank: number
  readonly symbol: number
  readonly unit: number
  readonly sequence: number
  /** Side of the order: −1 closes longs, 1 closes shorts. */
  readonly side: number
  /** Base quantity; NaN: all. */
  readonly size: number
  /** The only lot that it closes; 0: any. */
  readonly lot: number
  /** It leaves working entries alone. */
  readonly keepsEntries: boolean
  /** Units that are left of it since it first acted, infinity: all; NaN: it has not acted (F9). */
  rest: number
  /** It closes lots below this id: those that there were when it first acted. */
  before: number
  waited: number
}
