import type { TimelineData } from '../backtest/timeline-data.ts'
import type { Interval } from '../candles/interval.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { CreateHasher } from '../math/hasher.ts'
import type { CandleKind, SeriesKind } from '../protocol/frames.ts'
import { hashFunding, hashSeries } from './hash-series.ts'

/** A series as X1 and V1 name it. */
export interface SeriesIdentity<Kind extends string = SeriesKind> {
  readonly symbol: string
  /** Empty: funding has none. */
  readonly interval: Interval | ''
  readonly kind: Kind
  readonly rows: number
  /** First and last time; null without rows. */
  readonly range: readonly [number, number] | null
  readonly sha256: string
}

/** Every series of a run in the order in which they are sent. `hashes`: hashSeries of the candles, which may be made elsewhere. */
export function describeSeries(
  data: Pick<TimelineData, 'series' | 'marks' | 'funding' | 'detail'> & { readonly hashes: readonly string[] },
  createHasher: CreateHasher,
): SeriesIdentity[] {
  const candles = (series: CandleSeries, kind: CandleKind, sha256: string): SeriesIdentity => {
    const { symbol, interval, rows } = series
    return { symbol, interval, kind, rows, range: rangeOf(series), sha256 }
  }
  const identities = data.series.map((one, i) => candles(one, 'base', data.hashes[i]!))
  for (const one of data.marks) if (one !== null) identities.push(candles(one, 'mark', hashSeries(one, createHasher)))
  for (const one of data.funding) {
    if (one === null) continue
    const { symbol, rows } = one
    const sha256 = hashFunding(one, createHasher)
    identities.push({ symbol, interval: '', kind: 'funding', rows, range: rangeOf(one), sha256 })
  }
  for (const one of data.detail)
    if (one !== null) identities.push(candles(one, 'detail', hashSeries(one, createHasher)))
  return identities
}

/** The benchmark of a run, as `inputs` names it; no cell ever gets it. */
export function describeBenchmark(benchmark: CandleSeries, createHasher: CreateHasher): SeriesIdentity<'benchmark'> {
  const { symbol, interval, rows } = benchmark
  const sha256 = hashSeries(benchmark, createHasher)
  return { symbol, interval, kind: 'benchmark', rows, range: rangeOf(benchmark), sha256 }
}

function rangeOf({ rows, time }: { rows: number; time: Float64Array }): readonly [number, number] | null {
  return rows === 0 ? null : [time[0]!, time[rows - 1]!]
}
