import { CANDLE_COLUMNS, type CandleSeries } from '../candles/series.ts'
import { FUNDING_COLUMNS, type FundingSeries } from '../candles/funding-series.ts'
import { canon, isCanonical } from '../math/canon.ts'
import type { CreateHasher, Hasher } from '../math/hasher.ts'

/** Values per `update` call: 1 MiB, so that a hasher that copies never copies a whole column. */
const BLOCK = 131_072

/** Feeds a column as the little-endian bytes of its canonical values (C4). */
export function hashColumn(hasher: Hasher, column: Float64Array): void {
  const canonical = isCanonical(column)
  for (let from = 0; from < column.length; from += BLOCK) {
    const block = column.subarray(from, from + BLOCK)
    const values = canonical ? block : Float64Array.from(block, canon)
    hasher.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
}

/**
 * sha256 (hex) of a series: its six columns in CANDLE_COLUMNS order as canonical little-endian float64 bytes (V1). What
 * the bytes mean (symbol, interval, rows) stands beside the hash, not in it.
 */
export function hashSeries(series: CandleSeries, createHasher: CreateHasher): string {
  const hasher = createHasher()
  for (const name of CANDLE_COLUMNS) hashColumn(hasher, series[name].subarray(0, series.rows))
  return hasher.digestHex()
}

/** As hashSeries for funding rows: its three columns in FUNDING_COLUMNS order. */
export function hashFunding(series: FundingSeries, createHasher: CreateHasher): string {
  const hasher = createHasher()
  for (const name of FUNDING_COLUMNS) hashColumn(hasher, series[name].subarray(0, series.rows))
  return hasher.digestHex()
}

/** sha256 (hex) of one column, for example of the equity series. */
export function hashFloats(column: Float64Array, createHasher: CreateHasher): string {
  const hasher = createHasher()
  hashColumn(hasher, column)
  return hasher.digestHex()
}
