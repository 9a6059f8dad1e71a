import { describe, test } from 'vitest'
import { slotOf, slotOpen } from '../../../src/candles/interval.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { RunMetrics } from '../../../src/performance/summarise.ts'
import { analyseRun } from '../../../orchestrator-service/results/analyse-run.ts'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { syntheticConfig } from '../../support/synthetic-run.ts'

/** Why metrics of a whole run have no value: those of the benchmark, confidence intervals, omega, psr, ulcer. */
const DAY = 86_400_000
const START = 19_723 * DAY
const E0 = 100

function seriesOf(close: readonly number[], from = 0): CandleSeries {
  const column = Float64Array.from(close)
  const time = column.map((_, i) => START + (from + i) * DAY)
  const prices = { open: column.map((_, i) => close[i - 1] ?? E0), high: column, low: column, close: column }
  return { symbol: 'X', interval: '1d', rows: column.length, time, ...prices, volume: column }
}

/** Metrics of daily equity against a benchmark that begins on day `from`. */
function metricsOf(equity: readonly number[], benchmark: readonly number[], from = 0): RunMetrics {
  const days = equity.length
  const firstSlot = slotOf('1d', START)
  const { summary } = analyseRun({
    config: syntheticConfig({ symbols: ['X'], interval: '1d', config: { initialCash: E0 } }),
    window: { firstSlot, endSlot: firstSlot + days, start: START, end: slotOpen('1d', firstSlot + days) },
    series: [seriesOf(Array(days).fill(1))],
    detail: [null],
    benchmark: seriesOf(benchmark, from),
    records: new Uint8Array(0),
    equity: Float64Array.from(equity),
    createHasher: createSha256,
  })
  return summary.metrics
}

const make = (days: number, value: (day: number) => number) => Array.from({ length: days }, (_, day) => value(day))
const flat = (days: number) => make(days, () => E0)
const zigzag = (days: number) => make(days, (day) => (day % 2 === 0 ? 1.1 : 1) * E0)
const wave = (days: number) => make(days, (day) => E0 * (1 + ((day * 7) % 11) / 100))
const bankrupt = (days: number) => make(days, (day) => (day < 5 ? E0 : -1))

type Expected = Partial<Record<keyof RunMetrics, string | number>>

describe('metrics of a run without a value', () => {
  test.for<[string, RunMetrics, Expected]>([
    [
      'a benchmark that never moves explains nothing',
      metricsOf(zigzag(80), flat(80)),
      { alpha: 'zero_vol', beta: 'zero_vol', correlation: 'zero_vol', relative_return: 0 },
    ],
    [
      'a run that never moves is correlated with nothing, and has a beta of 0',
      metricsOf(flat(80), zigzag(80)),
      { beta: 0, alpha: 0, correlation: 'zero_vol', sharpe_ci_low: 'zero_vol', total_return_ci_high: 'zero_vol' },
    ],
    [
      'a run that is its benchmark has no error to divide by',
      metricsOf(zigzag(80), zigzag(80)),
      { tracking_error: 0, information_ratio: 'zero_vol', beta: 1, correlation: 1 },
    ],
    [
      '29 days are not annualised',
      metricsOf(zigzag(29), wave(29)),
      { alpha: 'short_window', tracking_error: 'short_window', beta: 'value', information_ratio: 'value' },
    ],
    [
      '19 returns are no ratio',
      metricsOf(zigzag(19), wave(19)),
      {
        beta: 'few_returns',
        correlation: 'few_returns',
        information_ratio: 'few_returns',
        alpha: 'short_window',
        omega: 'few_returns',
        psr: 'few_returns',
        sharpe_ci_low: 'few_returns',
        ulcer: 'value',
      },
    ],
    [
      'only the days on which the benchmark has a bar count',
      metricsOf(zigzag(80), wave(19), 61),
      { beta: 'few_returns', correlation: 'few_returns', information_ratio: 'few_returns', alpha: 'value' },
    ],
    [
      'one common day is none',
      metricsOf(zigzag(80), [E0], 79),
      { alpha: 'few_returns', beta: 'few_returns', tracking_error: 'few_returns', information_ratio: 'few_returns' },
    ],
    [
      '59 returns are no confidence interval, 60 are',
      metricsOf(wave(59), zigzag(59)),
      { sharpe_ci_low: 'few_returns', sharpe_ci_high: 'few_returns', total_return_ci_low: 'few_returns' },
    ],
    [
      '60 returns are one',
      metricsOf(wave(60), zigzag(60)),
      { sharpe_ci_low: 'value', sharpe_ci_high: 'value', total_return_ci_low: 'value', total_return_ci_high: 'value' },
    ],
    [
      'without a loss there is no omega, and no ulcer but 0',
      metricsOf(
        make(80, (day) => E0 * (1 + ((day + 1) * (day + 2)) / 1e4)),
        zigzag(80),
      ),
      { omega: 'no_losses', ulcer: 0, psr: 'value' },
    ],
    [
      'without a return there is no probable Sharpe ratio',
      metricsOf(flat(80), zigzag(80)),
      { psr: 'zero_vol', omega: 'no_losses', ulcer: 0 },
    ],
    [
      'a single run knows no other trials',
      metricsOf(zigzag(80), zigzag(80)),
      { dsr: 'no_trials', win_rate: 'no_trades', kelly: 'no_trades' },
    ],
    [
      'after a bankruptcy, before all other reasons',
      metricsOf(bankrupt(19), zigzag(19)),
      {
        relative_return: 'bankrupt',
        alpha: 'bankrupt',
        beta: 'bankrupt',
        correlation: 'bankrupt',
        tracking_error: 'bankrupt',
        information_ratio: 'bankrupt',
        omega: 'bankrupt',
        psr: 'bankrupt',
        ulcer: 'bankrupt',
        sharpe_ci_low: 'bankrupt',
        total_return_ci_low: 'bankrupt',
        total_return: -1,
        cagr: -1,
      },
    ],
  ])('%s', ([, metrics, expected], { expect }) => {
    for (const [name, wanted] of Object.entries(expected)) {
      const { value, reason } = metrics[name as keyof RunMetrics]
      if (wanted === 'value') expect(Number.isFinite(value), name).toBe(true)
      else if (typeof wanted === 'string') expect([value, reason], name).toEqual([null, wanted])
      else expect([value, reason], name).toEqual([expect.closeTo(wanted, 12), null])
    }
  })

  test('a Sharpe ratio whose estimate has no error has no probability', ({ expect }) => {
    // Returns of two values, five high ones in 25: 1 − γ3·SR + (γ4 − 1)/4·SR² = (1 − γ3·SR/2)², 0 where γ3·SR = 2
    const low = 0.01 * ((0.32 / 0.6) * Math.sqrt(25 / 24) - 0.2)
    let equity = E0
    const returns = make(25, (day) => (day % 5 === 0 ? low + 0.01 : low))
    const metrics = metricsOf(
      returns.map((r) => (equity *= 1 + r)),
      zigzag(25),
    )

    expect(metrics.psr).toMatchObject({ value: null, reason: 'zero_vol' })
    expect(metrics.sharpe.value).toBeGreaterThan(0)
  })
})
