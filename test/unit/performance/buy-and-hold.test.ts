import { test } from 'vitest'
import type { CandleSeries } from '../../../src/candles/series.ts'
import { buyAndHoldEquity } from '../../../src/performance/buy-and-hold.ts'

const DAY = 86_400_000
const FIRST = 19_723

function series(symbol: string, bars: [day: number, open: number, close: number][]): CandleSeries {
  const column = (pick: (bar: [number, number, number]) => number) => Float64Array.from(bars, pick)
  return {
    symbol,
    interval: '1d',
    rows: bars.length,
    time: column(([day]) => (FIRST + day) * DAY),
    open: column(([, open]) => open),
    high: column(([, open, close]) => Math.max(open, close)),
    low: column(([, open, close]) => Math.min(open, close)),
    close: column(([, , close]) => close),
    volume: column(() => 1),
  }
}

function hold(...all: CandleSeries[]): number[] {
  const window = { firstSlot: FIRST, endSlot: FIRST + 4, start: FIRST * DAY, end: (FIRST + 4) * DAY }
  return [...buyAndHoldEquity({ interval: '1d', window, initialCash: 1000, series: all })]
}

test('buyAndHoldEquity() holds equal parts from the first open of the window', ({ expect }) => {
  const a = series('A', [
    [-1, 1, 1],
    [0, 10, 12],
    [1, 12, 11],
    [2, 11, 10],
    [3, 10, 15],
  ])
  const b = series('B', [
    [0, 100, 90],
    [1, 90, 90],
    [2, 90, 110],
    [3, 110, 120],
  ])

  // 500/10 = 50 of A, 500/100 = 5 of B
  expect(hold(a, b)).toEqual([50 * 12 + 5 * 90, 50 * 11 + 5 * 90, 50 * 10 + 5 * 110, 50 * 15 + 5 * 120])
})

test('buyAndHoldEquity() keeps the part of a later listing in cash and marks gaps and ends at the last close', ({
  expect,
}) => {
  const late = series('A', [
    [2, 20, 25],
    [3, 25, 30],
  ])
  const gappy = series('B', [
    [0, 10, 20],
    [2, 30, 40],
  ])

  // late: 500, 500, 25·25, 25·30; gappy: 50·20, same, 50·40, same
  expect(hold(late, gappy)).toEqual([500 + 1000, 500 + 1000, 625 + 2000, 750 + 2000])
})

test('buyAndHoldEquity() keeps the part of a symbol without a bar in the window in cash', ({ expect }) => {
  expect(hold(series('A', [[-3, 5, 5]]))).toEqual([1000, 1000, 1000, 1000])
})
