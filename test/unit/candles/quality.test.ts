import { describe, test } from 'vitest'
import { MAX_FINDINGS } from '../../../src/candles/findings.ts'
import { checkQuality } from '../../../src/candles/quality.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'

const HOUR = 3_600_000
const START = 1_704_067_200_000

/** Bars that move a little, on the hour, with a volume. */
function makeSeries(rows: number): CandleSeries {
  const column = (value: (i: number) => number) => Float64Array.from({ length: rows }, (_, i) => value(i))
  return {
    symbol: 'TEST',
    interval: '1h',
    rows,
    time: column((i) => START + i * HOUR),
    open: column((i) => 100 + (i % 3)),
    high: column((i) => 103 + (i % 2)),
    low: column((i) => 99 - (i % 2)),
    close: column((i) => 100 + ((i + 1) % 3)),
    volume: column(() => 10),
  }
}

function brief(list: readonly { row: number; kind: string }[]): string[] {
  return list.map(({ row, kind }) => `${row} ${kind}`)
}

function found(series: CandleSeries) {
  const { rejected, warnings } = checkQuality(series)
  return { rejected: brief(rejected.list), warnings: brief(warnings.list) }
}

describe('checkQuality()', () => {
  test('finds nothing in a clean series', ({ expect }) => {
    expect(found(makeSeries(100))).toEqual({ rejected: [], warnings: [] })
  })

  test.for<[string, (s: CandleSeries) => void, string[]]>([
    ['an off-grid time', (s) => (s.time[10]! += 1500), ['11 off_grid']],
    ['a repeated time', (s) => (s.time[10] = s.time[9]!), ['11 duplicate_time']],
    ['two rows swapped', (s) => ([s.time[10], s.time[11]] = [s.time[11]!, s.time[10]!]), ['12 non_ascending']],
    ['a time far ahead, at its own row only', (s) => (s.time[10]! += 500 * HOUR), ['11 non_ascending']],
    ['a time far back', (s) => (s.time[10]! -= 500 * HOUR), ['11 non_ascending']],
    ['a NaN time', (s) => (s.time[10] = Number.NaN), ['11 not_a_number']],
    ['a time in microseconds', (s) => (s.time[10]! *= 1000), ['11 mixed_time_units']],
    ['a price of 0', (s) => (s.low[10] = 0), ['11 non_positive_price']],
    ['a negative price', (s) => (s.close[10] = -1), ['11 non_positive_price']],
    ['a NaN price', (s) => (s.high[10] = Number.NaN), ['11 not_a_number']],
    ['an infinite price', (s) => (s.high[10] = Infinity), ['11 not_a_number']],
    ['a high below the low', (s) => (s.high[10] = 90), ['11 high_low']],
    ['a high below the open', (s) => (s.high[10] = 100.5), ['11 high_low']],
    ['a high below the open only', (s) => (s.high[11] = 101), ['12 high_low']],
    ['a high below the close only', (s) => (s.high[10] = 101.5), ['11 high_low']],
    ['a low above the open only', (s) => (s.low[10] = 101.5), ['11 high_low']],
    ['a low above the close', (s) => (s.low[12] = 100.5), ['13 high_low']],
    ['a negative volume', (s) => (s.volume[10] = -1), ['11 negative_volume']],
  ])('refuses %s', ([, change, expected], { expect }) => {
    const series = makeSeries(60)

    change(series)

    expect(found(series).rejected).toEqual(expected)
  })

  test('warns of zero-volume runs, frozen bars and jumps', ({ expect }) => {
    const series = makeSeries(120)
    for (let i = 30; i < 36; i++) series.volume[i] = 0
    for (let i = 50; i < 58; i++) {
      for (const name of ['open', 'high', 'low', 'close'] as const) series[name][i] = series.close[49]!
    }
    series.high[80] = 1000

    const { rejected, warnings } = found(series)

    expect(rejected).toEqual([])
    expect(warnings).toEqual(['31 zero_volume', '51 frozen', '81 jump'])
  })

  test('says once that a series has no volume at all', ({ expect }) => {
    const series = makeSeries(50)
    series.volume.fill(0)

    expect(found(series).warnings).toEqual(['1 no_volume'])
  })

  test('lists at most 1,000 findings and counts all', ({ expect }) => {
    const series = makeSeries(5000)
    series.open.fill(-1)

    const { rejected } = checkQuality(series)

    expect(rejected.total).toBe(5000)
    expect(rejected.counts.get('non_positive_price')).toBe(5000)
    expect(rejected.list).toHaveLength(MAX_FINDINGS)
  })

  test('recognises a series in descending order', ({ expect }) => {
    const series = makeSeries(50)
    series.time.reverse()

    const report = checkQuality(series)

    expect(report.descending).toBe(true)
    expect(report.rejected.counts.get('non_ascending')).toBe(49)
  })
})
