import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import type { CandleSeries } from '../../../src/candles/series.ts'
import { analyseRun } from '../../../orchestrator-service/results/analyse-run.ts'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { createRandomStream } from '../../../src/math/random.ts'
import { benchmarkMetrics } from '../../../src/performance/benchmark-metrics.ts'
import { bootstrapIntervals } from '../../../src/performance/bootstrap.ts'
import { returnsOf } from '../../../src/performance/daily-series.ts'
import { expectedBestSharpe, probabilisticSharpe } from '../../../src/performance/sharpe-tests.ts'
import { buyAndHoldEquity } from '../../../src/performance/buy-and-hold.ts'
import { equityMetrics, type EquityMetricName } from '../../../src/performance/equity-metrics.ts'

import { syntheticConfig } from '../../support/synthetic-run.ts'

const DAY = 86_400_000
interface DailyCandles {
  firstOpenTime: number
  open: number[]
  close: number[]
}
const read = (file: string) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as DailyCandles
const golden = read('btcusdt-1d-2024.json')
const other = read('ethusdt-1d-2024.json')

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

function figuresOf(equity: Float64Array, riskFree: number) {
  return equityMetrics({ interval: '1d', window, initialCash: 10_000, equity, periodsPerYear: 365, riskFree })
}

const metricsOf = (equity: Float64Array, riskFree: number) => figuresOf(equity, riskFree).metrics

const vectorEquity = Float64Array.from(golden.close, (close) => (10_000 * close) / golden.open[0]!)

// The published check vector of the definitions: 249 daily closes of BTCUSDT, E_t = 10,000 · close / first open.
const EXPECTED: Partial<Record<EquityMetricName, number>> = {
  cagr: 0.51670872861551,
  volatility: 0.55657882441353,
  sharpe: 1.02376306497922,
  sortino: 1.59024981558457,
  max_drawdown: -0.26074957702914,
  calmar: 1.9816282522973,
  omega: 1.15956454751032,
  ulcer: 0.11846624535576,
  psr: 0.803034894663575,
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

const dailyOf = ({ open, close }: DailyCandles) =>
  Float64Array.from([10_000, ...close.map((price) => (10_000 * price) / open[0]!)])

test('against ETHUSDT: beta, alpha, tracking error and information ratio equal the check vector to 1e-12', ({
  expect,
}) => {
  const run = figuresOf(dailyOf(golden).slice(1), 0)
  const benchmark = figuresOf(dailyOf(other).slice(1), 0)

  const metrics = benchmarkMetrics({
    run,
    benchmark: { ...benchmark, days: null },
    rates: { periodsPerYear: 365, riskFree: 0 },
  })

  const expected = {
    beta: 0.69197621861151,
    alpha: 0.46890298050378,
    tracking_error: 0.37843306596769,
    information_ratio: 0.79889894780255,
  } as const
  for (const [name, value] of Object.entries(expected) as [keyof typeof expected, number][])
    expect(isClose(metrics[name].value!, value), `${name} ${metrics[name].value}`).toBe(true)
  expect(metrics.relative_return.value).toBeCloseTo(
    run.metrics.total_return.value! - benchmark.metrics.total_return.value!,
    14,
  )
})

test('the deflated Sharpe ratio of 10 trials equals the check vector to 1e-12', ({ expect }) => {
  const best = expectedBestSharpe(10, 0.02)

  expect(isClose(best, 0.031491966026915), String(best)).toBe(true)
  expect(isClose(probabilisticSharpe(returnsOf(dailyOf(golden)), best)!, 0.637393679698318)).toBe(true)
})

test('the bootstrap stream and the interval of the Sharpe ratio equal the check vector to 1e-12', ({ expect }) => {
  const createHasher = () => {
    const hash = createHash('sha256')
    return { update: (bytes: Uint8Array) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
  }
  const stream = () => createRandomStream({ seed: '42', label: 'bootstrap/v1', createHasher })
  const returns = returnsOf(dailyOf(golden))
  const first = stream()

  const { sharpe, totalReturn } = bootstrapIntervals({
    returns,
    excess: returns,
    periodsPerYear: 365,
    random: stream(),
  })

  expect([first(), first()]).toEqual([0.25438807365174276, 0.5447556527435985])
  // An independent program (Python, exact sums) gave the same four; the published low (-0.85049462662767) has its digits exchanged
  expect(isClose(sharpe!.low, -0.8504946626276731), String(sharpe!.low)).toBe(true)
  expect(isClose(sharpe!.high, 2.938912969000294), String(sharpe!.high)).toBe(true)
  expect(isClose(totalReturn.low, -0.3415108647380321), String(totalReturn.low)).toBe(true)
  expect(isClose(totalReturn.high, 1.742421111854646), String(totalReturn.high)).toBe(true)
})

test('a benchmark of its own gives the check vector to 1e-12, and its normalised series', ({ expect }) => {
  const series = ({ open, close }: DailyCandles): CandleSeries => ({
    symbol: 'X',
    interval: '1d',
    rows,
    time: Float64Array.from(close, (_, i) => golden.firstOpenTime + i * DAY),
    open: Float64Array.from(open),
    high: Float64Array.from(open),
    low: Float64Array.from(open),
    close: Float64Array.from(close),
    volume: Float64Array.from(open),
  })
  const analysis = analyseRun({
    config: syntheticConfig({ symbols: ['X'], interval: '1d', config: { initialCash: 10_000 } }),
    window,
    series: [series(golden)],
    detail: [null],
    benchmark: series(other),
    records: new Uint8Array(0),
    equity: vectorEquity,
    createHasher: createSha256,
  })

  const { metrics } = analysis.summary
  expect(isClose(metrics.beta.value!, 0.69197621861151), String(metrics.beta.value)).toBe(true)
  expect(isClose(metrics.alpha.value!, 0.46890298050378), String(metrics.alpha.value)).toBe(true)
  expect(isClose(metrics.tracking_error.value!, 0.37843306596769)).toBe(true)
  expect(isClose(metrics.information_ratio.value!, 0.79889894780255)).toBe(true)
  expect(metrics.beta.n).toBe(249)
  expect(analysis.benchmark.days).toHaveLength(249)
})
