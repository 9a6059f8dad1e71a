import { describe, test } from 'vitest'
import type { CandleSeries } from '../../../src/candles/series.ts'
import { benchmarkDays, benchmarkRows, heldSymbolEquity, joinDays } from '../../../src/performance/held-symbol.ts'
import type { Interval } from '../../../src/candles/interval.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const FIRST = 19_723
const WINDOW = { firstSlot: FIRST, endSlot: FIRST + 3, start: FIRST * DAY, end: (FIRST + 3) * DAY }

function series(interval: Interval, bars: [time: number, open: number, close: number][]): CandleSeries {
  const column = (pick: (bar: [number, number, number]) => number) => Float64Array.from(bars, pick)
  return {
    symbol: 'SPY',
    interval,
    rows: bars.length,
    time: column(([time]) => FIRST * DAY + time),
    open: column(([, open]) => open),
    high: column(([, open, close]) => Math.max(open, close)),
    low: column(([, open, close]) => Math.min(open, close)),
    close: column(([, , close]) => close),
    volume: column(() => 1),
  }
}

describe('heldSymbolEquity()', () => {
  test('buys at the first open in the window and keeps the last close where there is no bar', ({ expect }) => {
    const held = series('1d', [
      [0, 100, 110],
      [2 * DAY, 95, 99],
    ])

    const equity = heldSymbolEquity({ interval: '1d', window: WINDOW, initialCash: 1000, series: held })

    expect([...equity]).toEqual([1100, 1100, 990])
  })

  test('shows a bar that is longer than the base bars only after its close', ({ expect }) => {
    const window = { firstSlot: FIRST * 24, endSlot: FIRST * 24 + 26, start: FIRST * DAY, end: FIRST * DAY + 26 * HOUR }
    const held = benchmarkRows(
      series('1d', [
        [0, 100, 110],
        [DAY, 110, 500],
      ]),
      window,
    )

    const equity = heldSymbolEquity({ interval: '1h', window, initialCash: 1000, series: held })

    expect([...equity]).toEqual([...Array.from({ length: 23 }, () => 1000), 1100, 1100, 1100])
  })

  test('takes of shorter bars the last one that closed with the base bar', ({ expect }) => {
    const held = series('12h', [
      [0, 100, 90],
      [12 * HOUR, 90, 120],
      [DAY, 120, 130],
    ])

    const equity = heldSymbolEquity({ interval: '1d', window: WINDOW, initialCash: 1000, series: held })

    expect([...equity]).toEqual([1200, 1300, 1300])
  })
})

describe('benchmarkRows()', () => {
  test('leaves out what opens before the window or closes after it', ({ expect }) => {
    const held = series('1d', [
      [-DAY, 1, 1],
      [0, 2, 2],
      [2 * DAY, 3, 3],
      [3 * DAY, 4, 4],
    ])

    expect([...benchmarkRows(held, WINDOW).open]).toEqual([2, 3])
  })
})

describe('joinDays()', () => {
  test('keeps E0 and the days on which the benchmark has a bar', ({ expect }) => {
    const held = series('1d', [
      [0, 100, 110],
      [2 * DAY, 95, 99],
    ])
    const daily = {
      time: Float64Array.from([0, 0, 1, 2], (day) => (FIRST + day) * DAY),
      equity: Float64Array.of(1000, 1050, 1020, 1071),
    }

    const joined = joinDays(daily, Float64Array.of(1000, 1100, 1100, 990), benchmarkDays(held))

    expect([...joined.equity]).toEqual([1000, 1050, 1071])
    expect([...joined.benchmark]).toEqual([1000, 1100, 990])
  })
})
