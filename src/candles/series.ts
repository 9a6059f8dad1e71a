import type { Interval } from './interval.ts'

/** Columns of a candle series, in the order in which they are hashed and sent. */
export const CANDLE_COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const

export type CandleColumn = (typeof CANDLE_COLUMNS)[number]

/**
 * Candles of one symbol as columns, ascending by `time` (open, ms UTC), one entry per real bar. Prices in quote currency,
 * volume in base currency. The arrays may lie on SharedArrayBuffers.
 */
export interface CandleSeries {
  readonly symbol: string
  readonly interval: Interval
  readonly rows: number
  readonly time: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** A part of a series, without a copy: rows `from` (inclusive) to `to` (exclusive). */
export function sliceSeries(series: CandleSeries, from: number, to: number): CandleSeries {
  return {
    symbol: series.symbol,
    interval: series.interval,
    rows: to - from,
    time: series.time.subarray(from, to),
    open: series.open.subarray(from, to),
    high: series.high.subarray(from, to),
    low: series.low.subarray(from, to),
    close: series.close.subarray(from, to),
    volume: series.volume.subarray(from, to),
  }
}
