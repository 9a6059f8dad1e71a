import { describe, test } from 'vitest'
import { bucketCandles, minMaxIndices } from '../../../orchestrator-service/results/report/decimate.ts'
import { syntheticCandles } from '../../support/synthetic-records.ts'

const series = syntheticCandles('AAA', { interval: '1h', bars: 10_007, seed: 7 })

describe('bucketCandles()', () => {
  test('keeps every candle when there are few', ({ expect }) => {
    const small = bucketCandles({ ...series, rows: 50 }, 10, 100)

    expect(small.bucket).toBe(1)
    expect([...small.high]).toEqual([...series.high.subarray(10, 50)])
  })

  test('never has more candles than asked and loses no extreme', ({ expect }) => {
    const buckets = bucketCandles(series, 0, 500)

    expect(buckets.time.length).toBeLessThanOrEqual(500)
    for (let b = 0; b < buckets.time.length; b++) {
      const rows = { from: b * buckets.bucket, to: Math.min((b + 1) * buckets.bucket, series.rows) }
      expect(buckets.high[b]).toBe(Math.max(...series.high.subarray(rows.from, rows.to)))
      expect(buckets.low[b]).toBe(Math.min(...series.low.subarray(rows.from, rows.to)))
      expect(buckets.open[b]).toBe(series.open[rows.from])
      expect(buckets.close[b]).toBe(series.close[rows.to - 1])
    }
  })
})

describe('minMaxIndices()', () => {
  test('keeps ends and the extremes of every series within the budget', ({ expect }) => {
    const columns = [series.close, series.volume]

    const kept = minMaxIndices(columns, 1000)

    expect(kept.length).toBeLessThanOrEqual(1000)
    expect([kept[0], kept.at(-1)]).toEqual([0, series.rows - 1])
    expect([...kept]).toEqual([...kept].sort((a, b) => a - b))
    for (const column of columns) {
      const values = Array.from(kept, (index) => column[index]!)
      expect(Math.max(...values)).toBe(Math.max(...column))
      expect(Math.min(...values)).toBe(Math.min(...column))
    }
  })

  test('keeps everything that fits', ({ expect }) => {
    expect([...minMaxIndices([Float64Array.of(3, 1, 2)], 3)]).toEqual([0, 1, 2])
  })
})
