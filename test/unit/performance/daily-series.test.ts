import { test } from 'vitest'
import { slotOf, slotOpen, type Interval } from '../../../src/candles/interval.ts'
import { dailySeries } from '../../../src/performance/daily-series.ts'
import { drawdownSeries } from '../../../src/performance/drawdown.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const START = 19_723 * DAY

function daily(interval: Interval, start: number, equity: number[]) {
  const firstSlot = slotOf(interval, start)
  const window = {
    firstSlot,
    endSlot: firstSlot + equity.length,
    start,
    end: slotOpen(interval, firstSlot + equity.length),
  }
  return dailySeries({ interval, window, initialCash: 100, equity: Float64Array.from(equity) })
}

test('dailySeries() puts a bar into the day of its last millisecond', ({ expect }) => {
  // 22:00, 23:00 | 00:00, 01:00: the bar of 23:00 ends at midnight and belongs to the first day
  const series = daily('1h', START + 22 * HOUR, [101, 102, 103, 104])

  expect([...series.equity]).toEqual([100, 102, 104])
  expect([...series.time]).toEqual([START + 22 * HOUR, START, START + DAY])
})

test('dailySeries() has every day: days on which no bar ends keep the equity before', ({ expect }) => {
  const monday = 4 * DAY + 2_817 * 7 * DAY

  const series = daily('1w', monday, [110, 120])

  expect([...series.equity]).toEqual([100, ...Array(6).fill(100), 110, ...Array(6).fill(110), 120])
})

test('dailySeries() of monthly bars follows the calendar', ({ expect }) => {
  const series = daily('1M', START, [110, 120])

  expect(series.equity.length).toBe(1 + 31 + 29)
  expect(series.equity[31]).toBe(110)
  expect(series.equity[30]).toBe(100)
  expect(series.equity[60]).toBe(120)
})

test('drawdownSeries() starts at E0, ends at a return to the peak and ignores rounding', ({ expect }) => {
  const drawdown = drawdownSeries(100, Float64Array.of(90, 100, 120, 120 * (1 - 1e-13), 60, 120))

  expect([...drawdown]).toEqual([90 / 100 - 1, 0, 0, 0, -0.5, 0])
})
