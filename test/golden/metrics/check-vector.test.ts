import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import type { CandleSeries } from '../../../src/candles/series.ts'
import { buyAndHoldEquity } from '../../../src/performance/buy-and-hold.ts'
import { equityMetrics, type EquityMetricName } from '../../../src/performance/equity-metrics.ts'

const DAY = 86_400_000
const golden = JSON.parse(readFileSync(new URL('btcusdt-1d-2024.json', import.meta.url), 'utf8')) as {
  firstOpenTime: number
  open: number[]
  close: number[]
}

const rows = golden.close.length
const firstSlot = golden.firstOpenTime / DAY
const window = {
  firstSlot,
  endSlot: firstSlot + rows,
  start: golden.firstOpenTime,
  end: golden.firstOpenTime + rows * DAY,
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a), Math.abs(b))
}

function metricsOf(equity: Float64Array, riskFree: number) {
  return equityMetrics({ interval: '1d', window, initialCash: 10_000, equity, periodsPerYear: 365, riskFree }).metrics
}

const vectorEquity = Float64Array.from(golden.close, (close) => (10_000 * close) / golden.open[0]!)

// The published check vector of the definitions: 249 daily closes of BTCUSDT, E_t = 10,000 · close / first open.
const EXPECTED: Record<Exclude<EquityMetricName, 'total_return'>, number> = {
  cagr: 0.51670872861551,
  volatility: 0.55657882441353,
  sharpe: 1.02376306497922,
  sortino: 1.59024981558457,
  max_drawdown: -0.26074957702914,
  calmar: 1.9816282522973,
}

for (const [name, value] of Object.entries(EXPECTED) as [EquityMetricName, number][]) {
  test(`${name}/v1 equals the check vector to 1e-12`, ({ expect }) => {
    const metric = metricsOf(vectorEquity, 0)[name]

    expect(isClose(metric.value!, value), `${metric.value} against ${value}`).toBe(true)
    expect(metric.n).toBe(249)
    expect(metric.def).toBe(`${name}/v1`)
  })
}

test('sharpe/v1 with a risk-free rate of 2 % equals the check vector to 1e-12', ({ expect }) => {
  const metric = metricsOf(vectorEquity, 0.02).sharpe

  expect(isClose(metric.value!, 0.98818290342638), String(metric.value)).toBe(true)
  expect(metric.rf).toBe(0.02)
})

test('buy-and-hold of the same candles gives the check vector too', ({ expect }) => {
  const columns = Float64Array.from(golden.open)
  const series: CandleSeries = {
    symbol: 'BTCUSDT',
    interval: '1d',
    rows,
    time: Float64Array.from(golden.close, (_, i) => golden.firstOpenTime + i * DAY),
    open: columns,
    high: columns,
    low: columns,
    close: Float64Array.from(golden.close),
    volume: columns,
  }

  const metrics = metricsOf(buyAndHoldEquity({ interval: '1d', window, initialCash: 10_000, series: [series] }), 0)

  for (const [name, value] of Object.entries(EXPECTED) as [EquityMetricName, number][]) {
    expect(isClose(metrics[name].value!, value), name).toBe(true)
  }
})
