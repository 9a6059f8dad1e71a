import { describe, it } from 'vitest'
import { INTERVALS, type Interval, intervalMs, slotOf, slotOpen } from '../../../src/candles/interval.ts'
import { countSlots, findResampleProblem, Resampler } from '../../../src/candles/resample.ts'
import { CANDLE_COLUMNS, type CandleSeries } from '../../../src/candles/series.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** A walk that begins at `start` and misses the rows of `without`. */
function seriesFrom(options: {
  interval: Interval
  rows: number
  start: number
  without?: (row: number) => boolean
}): CandleSeries {
  const { interval, rows, start, without = () => false } = options
  const walk = makeWalk({ symbol: 'AAA', rows, interval, seed: 9 })
  const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => !without(row))
  const offset = start - walk.time[0]!
  const pick = (name: (typeof CANDLE_COLUMNS)[number]) =>
    Float64Array.from(kept, (row) => walk[name][row]! + (name === 'time' ? offset : 0))
  return {
    ...walk,
    rows: kept.length,
    ...Object.fromEntries(CANDLE_COLUMNS.map((name) => [name, pick(name)])),
  }
}

interface PlainBar {
  time: number
  open: number
  high: number
  low: number
  close: number
  volume: number
  partial: number
}

/** All bars of the interval that have closed by `now`, by grouping whole lists. */
function grouped(series: CandleSeries, interval: Interval, now: number): PlainBar[] {
  const base = intervalMs(series.interval)!
  const groups = new Map<number, number[]>()
  for (let row = 0; row < series.rows; row++) {
    if (series.time[row]! + base > now) break
    const slot = slotOf(interval, series.time[row]!)
    groups.set(slot, [...(groups.get(slot) ?? []), row])
  }
  const bars: PlainBar[] = []
  for (const [slot, rows] of groups) {
    const [opened, closed] = [slotOpen(interval, slot), slotOpen(interval, slot + 1)]
    if (closed > now || (rows[0] === 0 && series.time[0]! > opened)) continue
    bars.push({
      time: opened,
      open: series.open[rows[0]!]!,
      high: Math.max(...rows.map((row) => series.high[row]!)),
      low: Math.min(...rows.map((row) => series.low[row]!)),
      close: series.close[rows.at(-1)!]!,
      volume: rows.reduce((sum, row) => sum + series.volume[row]!, 0),
      partial: rows.length * base < closed - opened ? 1 : 0,
    })
  }
  return bars
}

function shown(resampler: Resampler): PlainBar[] {
  return Array.from({ length: resampler.rows }, (_, row) => ({
    ...(Object.fromEntries(CANDLE_COLUMNS.map((name) => [name, resampler.columns[name][row]!])) as unknown as PlainBar),
    partial: resampler.partial[row]!,
  }))
}

function resamplerOf(series: CandleSeries, interval: Interval): Resampler {
  const end = series.time[series.rows - 1]! + intervalMs(series.interval)!
  const length = countSlots(interval, series.time[0]!, end)
  return new Resampler({ source: series, base: series.interval, interval, length })
}

/** 2024-02-27 is a Tuesday, before the end of a leap month. */
const TUESDAY = Date.UTC(2024, 1, 27)
const HOUR = 3_600_000

describe('Resampler', () => {
  it.for<[Interval, Interval, number, number]>([
    ['1h', '4h', TUESDAY, 100],
    ['1h', '4h', TUESDAY + HOUR, 100],
    ['5m', '15m', TUESDAY + 1_500_000, 400],
    ['15m', '1d', TUESDAY + 7 * HOUR, 500],
    ['4h', '1w', TUESDAY, 200],
    ['1d', '1M', Date.UTC(2023, 11, 30), 120],
    ['8h', '1M', Date.UTC(2024, 0, 1), 300],
  ])(
    'makes bars of %s into those of %s, as a grouping of the whole list does',
    ([base, interval, start, rows], { expect }) => {
      const without = (row: number) => row % 7 === 3 || (row > 40 && row < 52)
      const series = seriesFrom({ interval: base, rows, start, without })
      const ms = intervalMs(base)!
      const resampler = resamplerOf(series, interval)

      for (let row = 0; row < series.rows; row++) {
        resampler.take(row)
        expect(shown(resampler)).toEqual(grouped(series, interval, series.time[row]! + ms))
      }

      expect(resampler.rows).toBeGreaterThan(2)
      expect(resampler.rows).toBeLessThanOrEqual(resampler.partial.length)
      expect(new Set(resampler.partial.subarray(0, resampler.rows)).has(1)).toBe(true)
    },
  )

  it('shows a bar once its close has come, also when its last bars are missing', ({ expect }) => {
    const series = seriesFrom({ interval: '1h', rows: 12, start: TUESDAY, without: (row) => row === 3 })
    const resampler = resamplerOf(series, '4h')
    for (let row = 0; row < 3; row++) resampler.take(row)

    resampler.expire(TUESDAY + 4 * HOUR - 1)
    const before = resampler.rows
    resampler.expire(TUESDAY + 4 * HOUR)

    expect([before, resampler.rows, resampler.partial[0]]).toEqual([0, 1, 1])
    resampler.expire(TUESDAY + 9 * HOUR)
    expect(resampler.rows).toBe(1)
  })

  it('flags nothing where nothing is missing, and keeps a first bar that is whole', ({ expect }) => {
    const series = seriesFrom({ interval: '1d', rows: 70, start: Date.UTC(2024, 1, 1) })
    const resampler = resamplerOf(series, '1M')
    for (let row = 0; row < 70; row++) resampler.take(row)

    expect(shown(resampler).map(({ time, partial }) => [time, partial])).toEqual([
      [Date.UTC(2024, 1, 1), 0],
      [Date.UTC(2024, 2, 1), 0],
    ])
  })
})

describe('findResampleProblem()', () => {
  it('allows the intervals into which bars of the base fit whole', ({ expect }) => {
    const allowed = (base: Interval) => INTERVALS.filter((one) => findResampleProblem(base, one) === null).join(' ')

    expect(allowed('1h')).toBe('2h 4h 6h 8h 12h 1d 1w 1M')
    expect(allowed('4h')).toBe('8h 12h 1d 1w 1M')
    expect(allowed('8h')).toBe('1d 1w 1M')
    expect(allowed('1m')).toBe('3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 1w 1M')
    expect(allowed('3m')).toBe('15m 30m 1h 2h 4h 6h 8h 12h 1d 1w 1M')
    expect(allowed('1d')).toBe('1w 1M')
    expect(allowed('1w')).toBe('')
    expect(allowed('1M')).toBe('')
  })
})
