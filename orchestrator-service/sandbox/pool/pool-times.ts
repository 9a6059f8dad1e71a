export interface CellPoolTimes {
  /** A cell that has waited longer is replaced. */
  readonly maxIdleMs: number
  /** A policy that nobody has asked for longer has no cells. */
  readonly forgetMs: number
  /** After a taking: with free slots, and without. A short job is over before the first one. */
  readonly quietMs: number
  readonly busyQuietMs: number
}

export const POOL_TIMES: CellPoolTimes = { maxIdleMs: 600_000, forgetMs: 300_000, quietMs: 250, busyQuietMs: 500 }
