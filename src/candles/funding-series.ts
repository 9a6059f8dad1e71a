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

/** Columns of funding, in the order in which they are hashed and sent. */
export const FUNDING_COLUMNS = ['time', 'rate', 'mark'] as const

/** Rows `from` (inclusive) to `to` (exclusive), without a copy. */
export function sliceFunding(series: FundingSeries, from: number, to: number): FundingSeries {
  return {
    symbol: series.symbol,
    rows: to - from,
    time: series.time.subarray(from, to),
    rate: series.rate.subarray(from, to),
    mark: series.mark.subarray(from, to),
  }
}
