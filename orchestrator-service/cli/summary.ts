import { provedText } from './proved-text.ts'
import { describeVariants } from '../results/describe-variants.ts'
import { refusalDetails } from '../results/refusal-details.ts'
import { METRIC_DEFINITIONS, METRIC_FLAG_TEXTS } from '../../src/performance/definitions.ts'
import { EQUITY_METRICS } from '../../src/performance/equity-metrics.ts'
import type { Metric, MetricName } from '../../src/performance/metric.ts'
import type { Result } from '../../src/protocol/result.ts'
import {
  benchmarkName,
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatLimit,
  formatMetric,
  formatMoney,
  formatPercent,
  formatTime,
  metricReason,
  formatUnrealised,
} from '../results/format.ts'
import { visible } from './visible.ts'

const DEFAULT_WIDTH = 80
const MIN_WIDTH = 40
const LABEL_WIDTH = 15
const METRIC_WIDTH = 19
/** What fits a screen; the report and --json have all of them. */
const SHOWN_METRICS = [
  'total_return',
  'cagr',
  'volatility',
  'sharpe',
  'sortino',
  'max_drawdown',
  'drawdown_duration',
  'calmar',
  'relative_return',
  'alpha',
  'beta',
  'exposure',
  'win_rate',
  'profit_factor',
  'payoff',
  'expectancy',
] as const satisfies readonly MetricName[]
const MAX_LOTS = 5
const MAX_REFUSALS = 8
const MAX_DETAILS = 3

export interface SummaryOptions {
  readonly reportPath?: string
  /** Columns of the terminal; lines are wrapped to it. */
  readonly width?: number
}

/**
 * A result as a terminal shows it: figures beside buy-and-hold, trades, refusals, limits, what was verified. Words of
 * strangers have their control characters made visible, and no line is wider than the terminal.
 */
export function renderSummary(result: Result, options: SummaryOptions = {}): string {
  const width = Math.max(MIN_WIDTH, options.width ?? DEFAULT_WIDTH)
  const blocks = [
    headLines(result),
    outcomeLines(result),
    metricLines(result),
    tradeLines(result),
    refusalLines(result),
    limitLines(result),
    trustLines(result),
    options.reportPath === undefined ? [] : [field('Report', options.reportPath)],
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.flatMap((line) => wrap(line, width)).join('\n'))
    .join('\n\n')
}

/** One line: a label, and a value that wraps under itself. */
interface Line {
  readonly indent: number
  readonly text: string
}

function field(label: string, value: string): Line {
  return { indent: LABEL_WIDTH, text: `${label.padEnd(LABEL_WIDTH - 1)} ${visible(value)}` }
}

function plain(text: string, indent = 0): Line {
  return { indent, text }
}

/** Wraps at spaces; a word longer than the line (a hash, a path) is kept whole, since it is there to be copied. */
function wrap({ text, indent }: Line, width: number): string[] {
  const lines: string[] = []
  let rest = text
  let prefix = ''
  while (prefix.length + rest.length > width) {
    const room = width - prefix.length
    const inside = rest.lastIndexOf(' ', room)
    const at = inside > (prefix === '' ? indent : 0) ? inside : rest.indexOf(' ', Math.max(room, indent))
    if (at === -1) break
    lines.push((prefix + rest.slice(0, at)).trimEnd())
    rest = rest.slice(at + 1).trimStart()
    prefix = ' '.repeat(indent)
  }
  return [...lines, prefix + rest]
}

function headLines(result: Result): Line[] {
  const { config, window, options } = result
  const { strategy } = config
  const name = 'builtin' in strategy ? strategy.builtin : `${strategy.module} (${strategy.class})`
  const params = Object.entries(strategy.params).map(([key, value]) => `${key} ${String(value)}`)
  const shown = config.symbols.slice(0, 8).join(', ')
  const more = config.symbols.length > 8 ? ` and ${config.symbols.length - 8} more` : ''
  const lines = [
    field('Strategy', params.length > 0 ? `${name}: ${params.join(', ')}` : name),
    field('Symbols', `${shown}${more}, ${config.interval}`),
  ]
  if (window !== null) {
    const range = `${formatTime(window.start)} to ${formatTime(window.end)}`
    lines.push(field('Window', `${range}, ${formatCount(window.bars)} bars, lookback ${formatCount(window.lookback)}`))
  }
  const labels = Object.entries(options.labels).map(([key, value]) => `${key}=${value}`)
  if (labels.length > 0) lines.push(field('Labels', labels.join(', ')))
  const flagged = result.dataQuality.filter((quality) => quality.missing > 0)
  if (flagged.length > 0) {
    const missing = flagged.reduce((sum, quality) => sum + quality.missing, 0)
    lines.push(
      field('Data', `${formatCount(missing)} bars missing in ${formatCount(flagged.length)} symbols: no fills there`),
    )
  }
  const detailed = result.dataQuality.flatMap(({ detail, bars }) => (detail === undefined ? [] : [{ ...detail, bars }]))
  if (detailed.length > 0) {
    const sum = (name: 'bars' | 'covered' | 'differing'): string =>
      formatCount(detailed.reduce((total, one) => total + one[name], 0))
    const text = `${detailed[0]!.interval} candles cover ${sum('covered')} of ${sum('bars')} bars; ${sum('differing')} of them with another high or low`
    lines.push(field('Detail', text))
  }
  return [...lines, field('Run', result.id)]
}

function outcomeLines({ outcome, provenance: { cachedFrom } }: Result): Line[] {
  if (outcome.kind === 'ok')
    return cachedFrom === undefined ? [] : [field('Result of', `run ${cachedFrom}: same inputs`)]
  const code = outcome.reason === null ? outcome.kind : `${outcome.kind}(${outcome.reason})`
  const lines = [field('Outcome', code), field('', outcome.message)]
  if (outcome.location !== null) {
    const { file, line, column } = outcome.location
    lines.push(field('At', `${file}:${line}:${column}`))
  }
  if (outcome.hint !== null) lines.push(field('Hint', outcome.hint))
  return lines
}

function metricLines({ summary, benchmark }: Result): Line[] {
  if (summary === null) return []
  const held = benchmark?.metrics ?? null
  const rows = SHOWN_METRICS.map((name) => {
    const metric = summary.metrics[name]
    const known = EQUITY_METRICS.find((equityMetric) => equityMetric === name)
    const other = held === null || known === undefined ? '' : valueText(name, held[known])
    const remark = name === 'sharpe' ? confidenceOf(summary.metrics) : ''
    return [METRIC_DEFINITIONS[name].label, valueText(name, metric), other, remark || remarkOf(metric)] as const
  })
  rows.unshift([
    'Final equity',
    formatMoney(summary.finalEquity),
    benchmark === null ? '' : formatMoney(benchmark.finalEquity),
    '',
  ])
  const row = ([label, value, other, remark]: (typeof rows)[number]) =>
    plain(
      `${label.padEnd(METRIC_WIDTH)}${value.padStart(14)}${other.padStart(16)}${remark === '' ? '' : `  ${remark}`}`.trimEnd(),
      4,
    )
  return [
    plain(
      `${''.padEnd(METRIC_WIDTH)}${'Strategy'.padStart(14)}${visible(benchmarkName(benchmark)).slice(-15).padStart(16)}`,
    ),
    ...rows.map(row),
  ]
}

/** How sure the Sharpe ratio is, where that can be said. */
function confidenceOf({ sharpe_ci_low: low, sharpe_ci_high: high }: NonNullable<Result['summary']>['metrics']): string {
  if (low.value === null || high.value === null) return ''
  return `90 %: ${valueText('sharpe_ci_low', low)} to ${valueText('sharpe_ci_high', high)}`
}

function valueText(name: MetricName, metric: Metric): string {
  return formatMetric(name, metric) ?? '-'
}

function remarkOf(metric: Metric): string {
  if (metric.value === null) return metricReason(metric)
  return metric.flags.map((flag) => METRIC_FLAG_TEXTS[flag]).join(', ')
}

function tradeLines(result: Result): Line[] {
  const { summary, lots, config } = result
  if (summary === null) return []
  const { counts } = summary
  const lines = [
    field(
      'Trades',
      `${formatCount(counts.trades)} closed: ${counts.wins} won, ${counts.losses} lost, ${counts.breakEven} even; ${formatCount(counts.fills)} fills`,
    ),
    field('Costs', `fees ${formatMoney(counts.fees)}, slippage ${formatMoney(counts.slippage)} (within the prices)`),
    ...describeVariants(result).map(([label, text]) => field(label, text)),
  ]
  if (config.market === 'perpetual') {
    const { funding = 0, fundingPayments = 0, liquidations = 0 } = counts
    const text = `${formatMoney(funding)} in ${formatCount(fundingPayments)} payments; ${formatCount(liquidations)} liquidations`
    lines.push(field('Funding', text))
  }
  for (const [index, lot] of lots.slice(0, MAX_LOTS).entries()) {
    const label = index === 0 ? 'Open' : ''
    const short = lot.direction === 'short' ? 'short ' : ''
    const entry = `${short}${formatAmount(lot.quantity)} ${lot.symbol} since ${formatTime(lot.entryTime)} at ${formatAmount(lot.entryPrice)}`
    lines.push(field(label, `${entry}, now ${formatAmount(lot.mark)}: ${formatUnrealised(lot)}`))
  }
  if (lots.length > MAX_LOTS) lines.push(field('', `and ${formatCount(lots.length - MAX_LOTS)} more open lots`))
  return lines
}

function refusalLines({ summary, ambiguity }: Result): Line[] {
  if (summary === null) return []
  const { refusalsByReason, counts } = summary
  const lines = [field('Refused', counts.refusals === 0 ? 'nothing' : formatCount(counts.refusals))]
  for (const refusal of refusalsByReason.slice(0, MAX_REFUSALS)) {
    lines.push(
      plain(
        `  ${formatCount(refusal.count).padStart(10)} x ${visible(refusal.text)} (${visible(refusal.rule)})`,
        LABEL_WIDTH,
      ),
    )
    for (const [text, count] of refusalDetails(refusal, MAX_DETAILS))
      lines.push(plain(`${' '.repeat(LABEL_WIDTH)}${formatCount(count)} x ${visible(text)}`, LABEL_WIDTH + 2))
  }
  if (refusalsByReason.length > MAX_REFUSALS)
    lines.push(plain(`  and ${refusalsByReason.length - MAX_REFUSALS} more reasons`))
  if (ambiguity !== null && ambiguity.count > 0) {
    const bounds = formatMoney(ambiguity.boundsLocal)
    lines.push(
      field(
        'Ambiguous',
        `bars ${formatCount(ambiguity.count)}, booked at the worse reading; ${bounds} to the better one`,
      ),
    )
  }
  return lines
}

/** In one line, without the policy that they come from. */
export function describeLimits(limits: Readonly<Record<string, unknown>>): string {
  return Object.entries(limits)
    .filter(([name]) => name !== 'policy' && name !== 'policyHash')
    .map(([name, value]) => `${name} ${formatLimit(name, value)}`)
    .join(', ')
}

function limitLines({ limits, outcome, options }: Result): Line[] {
  const { usage } = outcome
  const described = describeLimits(limits)
  const used = [
    `wall ${formatDuration(usage.wallMs)}`,
    usage.cpuNanos === null ? null : `CPU ${formatDuration(usage.cpuNanos / 1e6)}`,
    usage.peakMemoryBytes === null ? null : `memory ${formatBytes(usage.peakMemoryBytes)}`,
  ].filter((part) => part !== null)
  const lines = [field('Limits', `policy ${options.policy}${described === '' ? '' : `: ${described}`}`)]
  return [...lines, field('Used', used.join(', '))]
}

function trustLines({ trust, fingerprint, config, proof, lookAheadProne: prone }: Result): Line[] {
  if (trust === null || fingerprint === null) return [field('Verified', 'nothing: this run has no fingerprint')]
  const recomputed = Object.entries(trust)
    .filter(([, level]) => level === 'recomputed')
    .map(([what]) => what)
  const claimed = Object.entries(trust)
    .filter(([, level]) => level === 'claimed')
    .map(([what]) => what)
  return [
    field('Verified', `recomputed by the host, byte for byte: ${recomputed.join(', ')}`),
    proof === null
      ? field('Claimed', `${claimed.join(', ')}: the strategy's own; look-ahead is not excluded by this (--proof)`)
      : field('Proved', provedText(proof)),
    ...(prone === undefined ? [] : [field('Look-ahead', `prone: ${prone.join(', ')}`)]),
    field('Fingerprint', fingerprint),
    field(
      'Started with',
      `${formatMoney(config.initialCash)}, risk-free rate ${formatPercent(config.metrics.riskFree)}, fill policy ${typeof config.fill === 'string' ? config.fill : `${config.fill.module} (claimed)`}`,
    ),
  ]
}
