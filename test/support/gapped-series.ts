import { intervalMs, type Interval } from '../../src/candles/interval.ts'
import { CANDLE_COLUMNS, type CandleSeries } from '../../src/candles/series.ts'
import { makeWalk } from './sample-series.ts'

/** A walk without the rows that `without` names, its first row at `start` slots after the usual one. */
export function gappedSeries(options: {
  symbol: string
  rows: number
  seed?: number
  interval?: Interval
  start?: number
  without?: (row: number) => boolean
}): CandleSeries {
  const { rows, start = 0, without = () => false, ...rest } = options
  const walk = makeWalk({ rows, ...rest })
  const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => !without(row))
  const offset = start * intervalMs(walk.interval)!
  const columns = CANDLE_COLUMNS.map((name) => [
    name,
    Float64Array.from(kept, (row) => walk[name][row]! + (name === 'time' ? offset : 0)),
  ])
  return { ...walk, rows: kept.length, ...Object.fromEntries(columns) } as CandleSeries
}
