import { PlatformError } from '../../../src/errors.ts'
import { MAX_COMPARED, MIN_COMPARED } from '../../../src/performance/compare-runs.ts'
import { METRIC_DEFINITIONS, METRIC_REASON_TEXTS } from '../../../src/performance/definitions.ts'
import { EQUITY_METRICS } from '../../../src/performance/equity-metrics.ts'
import { COMPARED_METRICS, type Comparison } from '../../../src/protocol/comparison.ts'
import { formatCount, formatMetric, formatMoney, formatPercent, formatTime } from '../../results/format.ts'
import { openService } from '../client/open-service.ts'
import type { CommandContext } from '../context.ts'
import { renderTable } from '../render-table.ts'
import { visible } from '../visible.ts'

const LETTERS = 'ABCDE'

/** Completed runs beside each other. */
export async function compare(context: CommandContext, ids: readonly string[]): Promise<number> {
  if (ids.length < MIN_COMPARED || ids.length > MAX_COMPARED) {
    const state = `${ids.length} run${ids.length === 1 ? '' : 's'}`
    throw new PlatformError('usage', `Cannot compare ${state}, expected ${MIN_COMPARED} to ${MAX_COMPARED}`)
  }
  await using service = await openService(context, 'read')
  const comparison = await service.client.compare(ids)
  context.io.out(context.io.json ? JSON.stringify(comparison) : render(comparison))
  return 0
}

function render(comparison: Comparison): string {
  const { window, days, riskFree, periodsPerYear, quote, trials, runs, benchmark } = comparison
  const named = runs.map((run, at) => `${LETTERS[at]}  ${visible(run.name)} (${run.id})`)
  const rates = `A ${formatCount(periodsPerYear)}, risk-free rate ${formatPercent(riskFree)}`
  const span = `${formatTime(window.start)} to ${formatTime(window.end)}, ${formatCount(days.length - 1)} days; ${rates}`
  const remarks = [
    `Each run starts at its equity of then. The benchmark is that of ${LETTERS[runs.findIndex((run) => run.id === benchmark.of)]}.`,
    `Deflated Sharpe: ${formatCount(trials.count)} trials, ${trials.definition}${trials.capped ? ' (the newest only)' : ''}.`,
    ...(quote === null ? ['Quote currency unknown: instrument data of a symbol is missing.'] : []),
  ]
  return [named.join('\n'), span, metricTable(comparison), pairTable(comparison), remarks.join('\n')].join('\n\n')
}

function metricTable({ runs, benchmark }: Comparison): string {
  const rows = COMPARED_METRICS.map((name) => {
    const held = EQUITY_METRICS.find((one) => one === name)
    return [
      METRIC_DEFINITIONS[name].label,
      ...runs.map((run) => formatMetric(name, run.metrics[name]) ?? '-'),
      held === undefined ? '' : (formatMetric(name, benchmark.metrics[held]) ?? '-'),
    ]
  })
  const money = ['Final equity', ...runs.map((run) => formatMoney(run.finalEquity)), '']
  const trades = ['Trades', ...runs.map((run) => formatCount(run.counts.trades)), '']
  return renderTable(['', ...runs.map((_, at) => LETTERS[at]!), 'Benchmark'], [money, trades, ...rows])
}

function pairTable({ pairs }: Comparison): string {
  const share = (value: number | null): string => (value === null ? '-' : formatPercent(value))
  /** Daily differences are small: four digits of a percent. */
  const daily = (value: number): string => `${(value * 100).toFixed(4)} %`
  const rows = pairs.map((pair) => [
    `${LETTERS[pair.a]} − ${LETTERS[pair.b]}`,
    pair.correlation === null ? '-' : pair.correlation.toFixed(3),
    share(pair.drawdownOverlap),
    pair.meanDifference === null ? '-' : daily(pair.meanDifference),
    pair.interval === null ? '-' : `${daily(pair.interval.low)} to ${daily(pair.interval.high)}`,
    pair.reason === null ? '' : METRIC_REASON_TEXTS[pair.reason],
  ])
  return renderTable(['', 'Correlation', 'Drawdown overlap', 'Mean daily difference', '90 % interval', ''], rows)
}
