/** Funding rows of a perpetual, ascending in time (L1). */
export interface FundingSeries {
  readonly symbol: string
  readonly rows: number
  /** As published, ms UTC. */
  readonly time: Float64Array
  /** Share of the notional that longs pay to shorts. */
  readonly rate: Float64Array
  /** Mark price of the payment; NaN: not published. */
  readonly mark: Float64Array
}

const MINUTE = 60_000
const LATE = 1000

/** Instant at which a row counts: up to a second after a whole minute it is that minute. */
export function fundingStamp(time: number): number {
  const past = time % MINUTE
  return past <= LATE ? time - past : time
}
