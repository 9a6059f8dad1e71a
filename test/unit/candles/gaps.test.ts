import { describe, test } from 'vitest'
import { checkGaps, type GapLimits } from '../../../src/candles/gaps.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'

const HOUR = 3_600_000
const FIRST_SLOT = 473_352
const LIMITS: GapLimits = { gaps: 'mark', maxSyntheticShare: 0.05, maxGapBars: 1440 }

/** A series with bars at the given slots, counted from the first slot of the window. */
function seriesAt(slots: readonly number[]): CandleSeries {
  const rows = slots.length
  const time = Float64Array.from(slots, (slot) => (FIRST_SLOT + slot) * HOUR)
  const ones = new Float64Array(rows).fill(1)
  return { symbol: 'BTCUSDT', interval: '1h', rows, time, open: ones, high: ones, low: ones, close: ones, volume: ones }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function windowOf(bars: number) {
  const start = FIRST_SLOT * HOUR
  return { firstSlot: FIRST_SLOT, endSlot: FIRST_SLOT + bars, start, end: start + bars * HOUR }
}

describe('checkGaps() (T5)', () => {
  test('finds nothing missing in a contiguous series', ({ expect }) => {
    const report = checkGaps(seriesAt(range(-10, 100)), windowOf(100), LIMITS)

    expect(report).toMatchObject({
      ok: true,
      expected: 100,
      real: 100,
      synthetic: { count: 0, share: 0 },
      longest: null,
      lookbackBars: 10,
    })
  })

  test('counts missing bars between the first and the last bar only', ({ expect }) => {
    // window 0..199; listed at 20, ended after 179; missing 50, 51 and 90: 160 expected, 3 missing
    const slots = range(20, 180).filter((slot) => slot !== 50 && slot !== 51 && slot !== 90)

    const report = checkGaps(seriesAt(slots), windowOf(200), LIMITS)

    expect(report).toMatchObject({
      ok: true,
      expected: 160,
      real: 157,
      synthetic: { count: 3, share: 3 / 160 },
      longest: { from: (FIRST_SLOT + 50) * HOUR, to: (FIRST_SLOT + 52) * HOUR, bars: 2 },
      gapCount: 2,
      listed: (FIRST_SLOT + 20) * HOUR,
      ended: (FIRST_SLOT + 180) * HOUR,
      notListedBefore: 20,
      endedAfter: 20,
    })
  })

  test('a hole between the lookback and the window is no gap', ({ expect }) => {
    const report = checkGaps(seriesAt([...range(-50, -40), ...range(5, 100)]), windowOf(100), LIMITS)

    expect(report).toMatchObject({ ok: true, synthetic: { count: 0 }, notListedBefore: 5 })
  })

  test('refuses a share above maxSyntheticShare, naming symbol, range and count', ({ expect }) => {
    // 5 of 100 missing is 5 %, allowed; 6 of 100 is not
    const five = checkGaps(seriesAt([...range(0, 40), ...range(45, 100)]), windowOf(100), LIMITS)
    const six = checkGaps(seriesAt([...range(0, 40), ...range(46, 100)]), windowOf(100), LIMITS)

    expect(five.ok).toBe(true)
    expect(six).toMatchObject({
      ok: false,
      symbol: 'BTCUSDT',
      count: 6,
      range: { from: FIRST_SLOT * HOUR, to: (FIRST_SLOT + 100) * HOUR },
    })
    expect(six).toHaveProperty(
      'message',
      'Cannot use 1h candles of "BTCUSDT": 6 bars are missing from 2024-01-01T00:00Z to 2024-01-05T04:00Z, expected at most 5 of 100 (data.maxSyntheticShare 0.05)',
    )
  })

  test('refuses a gap longer than maxGapBars although the share is small', ({ expect }) => {
    const slots = [...range(0, 5000), ...range(5011, 10_000)]

    expect(checkGaps(seriesAt(slots), windowOf(10_000), { ...LIMITS, maxGapBars: 11 }).ok).toBe(true)
    expect(checkGaps(seriesAt(slots), windowOf(10_000), { ...LIMITS, maxGapBars: 10 })).toMatchObject({
      ok: false,
      count: 11,
    })
  })

  test('refuses any gap with gaps: refuse', ({ expect }) => {
    const slots = [...range(0, 50), ...range(51, 1000)]

    expect(checkGaps(seriesAt(slots), windowOf(1000), { ...LIMITS, gaps: 'refuse' })).toMatchObject({
      ok: false,
      count: 1,
    })
  })

  test('a window without a bar has no gaps', ({ expect }) => {
    expect(checkGaps(seriesAt(range(-10, 0)), windowOf(10), LIMITS)).toMatchObject({
      ok: true,
      real: 0,
      listed: null,
      endedAfter: 10,
    })
  })
})
