import type { CandleSeries } from '../../../src/candles/series.ts'

/** Candles merged into buckets of `bucket` bars: first open, last close, true extremes. */
export interface CandleBuckets {
  readonly bucket: number
  /** Open of the first bar of each bucket, ms UTC. */
  readonly time: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
}

/** At most `max` candles out of the rows from `from` on; no extreme is lost. */
export function bucketCandles(series: CandleSeries, from: number, max: number): CandleBuckets {
  const rows = series.rows - from
  const bucket = Math.max(1, Math.ceil(rows / max))
  const count = Math.ceil(rows / bucket)
  const out = {
    bucket,
    time: new Float64Array(count),
    open: new Float64Array(count),
    high: new Float64Array(count),
    low: new Float64Array(count),
    close: new Float64Array(count),
  }
  for (let b = 0; b < count; b++) {
    const first = from + b * bucket
    const end = Math.min(first + bucket, series.rows)
    let high = -Infinity
    let low = Infinity
    for (let row = first; row < end; row++) {
      if (series.high[row]! > high) high = series.high[row]!
      if (series.low[row]! < low) low = series.low[row]!
    }
    out.time[b] = series.time[first]!
    out.open[b] = series.open[first]!
    out.high[b] = high
    out.low[b] = low
    out.close[b] = series.close[end - 1]!
  }
  return out
}

/**
 * Indices of at most `max` points that keep the first and last point and, in each bucket, the minimum and maximum of every
 * series. Ascending; all of them if they are few enough.
 */
export function minMaxIndices(columns: readonly Float64Array[], max: number): Uint32Array {
  const length = columns[0]!.length
  if (length <= max) return Uint32Array.from({ length }, (_, i) => i)
  const buckets = Math.floor((max - 2) / (2 * columns.length))
  const kept = new Set<number>([0, length - 1])
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * length) / buckets)
    const to = Math.floor(((b + 1) * length) / buckets)
    for (const column of columns) {
      let low = from
      let high = from
      for (let i = from + 1; i < to; i++) {
        if (column[i]! < column[low]!) low = i
        if (column[i]! > column[high]!) high = i
      }
      kept.add(low)
      kept.add(high)
    }
  }
  return Uint32Array.from(kept).sort()
}
