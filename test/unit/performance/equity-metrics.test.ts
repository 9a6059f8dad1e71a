import { describe, test } from 'vitest'
import { slotOf, slotOpen, type Interval } from '../../../src/candles/interval.ts'
import { equityMetrics } from '../../../src/performance/equity-metrics.ts'

const DAY = 86_400_000
const START = 19_723 * DAY // 2024-01-01

function windowOf(bars: number, interval: Interval = '1d', start = START) {
  const firstSlot = slotOf(interval, start)
  return { firstSlot, endSlot: firstSlot + bars, start, end: slotOpen(interval, firstSlot + bars) }
}

function metricsOf(
  values: readonly number[],
  options: { interval?: Interval; riskFree?: number; start?: number } = {},
) {
  const interval = options.interval ?? '1d'
  return equityMetrics({
    interval,
    window: windowOf(values.length, interval, options.start),
    initialCash: 100,
    equity: Float64Array.from(values),
    periodsPerYear: 365,
    riskFree: options.riskFree ?? 0,
  }).metrics
}

const flat = (days: number) => Array.from({ length: days }, () => 100)
const rising = (days: number) => Array.from({ length: days }, (_, i) => 101 + i)
const zigzag = (days: number) => Array.from({ length: days }, (_, i) => (i % 2 === 0 ? 110 : 100))

describe('equityMetrics() edge cases', () => {
  const cases: {
    title: string
    values: number[]
    riskFree?: number
    expected: Record<string, [number | null, string | null]>
  }[] = [
    {
      title: 'no trade at all: everything is zero or has a reason',
      values: flat(40),
      expected: {
        total_return: [0, null],
        cagr: [0, null],
        volatility: [0, null],
        sharpe: [null, 'zero_vol'],
        sortino: [null, 'no_downside'],
        max_drawdown: [0, null],
        calmar: [null, 'no_drawdown'],
      },
    },
    {
      title: 'a flat account under a positive risk-free rate has a downside, but no deviation',
      values: flat(40),
      riskFree: 0.02,
      expected: { sharpe: [null, 'zero_vol'] },
    },
    {
      title: '29 days are too short to annualise, but not for ratios',
      values: zigzag(29),
      expected: {
        cagr: [null, 'short_window'],
        volatility: [null, 'short_window'],
        calmar: [null, 'short_window'],
        max_drawdown: [100 / 110 - 1, null],
      },
    },
    {
      title: '19 returns are too few for ratios',
      values: zigzag(19),
      expected: { sharpe: [null, 'few_returns'], sortino: [null, 'few_returns'], cagr: [null, 'short_window'] },
    },
    {
      title: 'an account that only rises has no drawdown and no downside',
      values: rising(30),
      expected: { max_drawdown: [0, null], calmar: [null, 'no_drawdown'], sortino: [null, 'no_downside'] },
    },
    {
      title: 'bankruptcy comes before a short window and few returns',
      values: [90, 40, -5, 60, 80],
      expected: {
        total_return: [-1, null],
        cagr: [-1, null],
        volatility: [null, 'bankrupt'],
        sharpe: [null, 'bankrupt'],
        sortino: [null, 'bankrupt'],
        max_drawdown: [-1, null],
        calmar: [null, 'bankrupt'],
      },
    },
  ]

  for (const { title, values, riskFree, expected } of cases) {
    test(title, ({ expect }) => {
      const metrics = metricsOf(values, { riskFree: riskFree ?? 0 })

      for (const [name, [value, reason]] of Object.entries(expected)) {
        const metric = metrics[name as keyof typeof metrics]
        expect([metric.value, metric.reason], name).toEqual([value, reason])
      }
    })
  }

  test('a growth that float64 cannot annualise is out_of_range, never Infinity', ({ expect }) => {
    // 2^90 in 30 days: (2^90)^(365/30) = 2^1095 > 2^1024
    const values = Array.from({ length: 30 }, (_, i) => 100 * 8 ** (i + 1))

    const metrics = metricsOf(values)

    expect([metrics.cagr.value, metrics.cagr.reason]).toEqual([null, 'out_of_range'])
    expect(JSON.stringify(metrics)).not.toMatch(/Infinity|NaN/)
  })

  test('20 returns suffice for ratios and 30 days for annualised metrics', ({ expect }) => {
    expect(metricsOf(zigzag(20)).sharpe.reason).toBe(null)
    expect(metricsOf(zigzag(30)).cagr.reason).toBe(null)
  })

  test('total_return, volatility and sharpe by hand', ({ expect }) => {
    // r = +0.1, then alternately 100/110 − 1 = −1/11 and +0.1: over 30 days fifteen of each, mean = (0.1 − 1/11)/2 = 1/220
    // sd² = 30·(21/220)²/29, as each return is 21/220 from the mean
    const metrics = metricsOf(zigzag(30))
    const sd = (21 / 220) * Math.sqrt(30 / 29)

    expect(metrics.total_return.value).toBe(0)
    expect(metrics.volatility.value).toBeCloseTo(sd * Math.sqrt(365), 12)
    expect(metrics.sharpe.value).toBeCloseTo((1 / 220 / sd) * Math.sqrt(365), 12)
  })

  test('sortino counts all days in the downside deviation', ({ expect }) => {
    // downside = √(15·(1/11)²/30) = (1/11)/√2
    const metric = metricsOf(zigzag(30)).sortino

    expect(metric.value).toBeCloseTo((1 / 220 / (1 / 11 / Math.SQRT2)) * Math.sqrt(365), 12)
    expect([metric.n, metric.A, metric.rf, metric.def]).toEqual([30, 365, 0, 'sortino/v1'])
  })

  test('max_drawdown uses base bars and E0: a fall inside a day counts', ({ expect }) => {
    const hours = Array.from({ length: 48 }, (_, i) => (i === 5 ? 60 : 100))

    const metrics = metricsOf(hours, { interval: '1h' })

    expect(metrics.max_drawdown.value).toBe(60 / 100 - 1)
    expect(metrics.max_drawdown.n).toBe(48)
    expect(metrics.total_return.n).toBe(2)
  })

  test('equity that is not a number is an invariant error, not a metric', ({ expect }) => {
    expect(() => metricsOf([100, Number.NaN])).toThrow(/equity of bar 1 is NaN/)
  })
})
