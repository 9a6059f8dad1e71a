import { METRIC_DEFINITIONS, METRIC_FLAG_TEXTS } from '../../../src/performance/definitions.ts'
import { EQUITY_METRICS } from '../../../src/performance/equity-metrics.ts'
import { METRIC_NAMES, type Metric, type MetricName } from '../../../src/performance/metric.ts'
import type { Result } from '../../../src/protocol/result.ts'
import {
  benchmarkName,
  formatAmount,
  formatCount,
  formatMetric,
  formatMoney,
  formatPercent,
  formatTime,
  metricReason,
  formatUnrealised,
} from '../format.ts'
import { describeVariants } from '../describe-variants.ts'
import { refusalDetails } from '../refusal-details.ts'
import { html, preformatted, type Html } from './html.ts'

const OUTCOME_TITLES: Readonly<Record<string, string>> = {
  ok: 'Verified',
  strategy_error: 'Strategy error',
  invalid_config: 'Invalid configuration',
  limit_exceeded: 'Limit exceeded',
  data_unavailable: 'Data unavailable',
  cancelled: 'Cancelled',
  tampered: 'Tampered',
  platform_error: 'Platform error',
}

export function strategyName({ config }: Result): string {
  const { strategy } = config
  if ('builtin' in strategy) return strategy.builtin
  return strategy.class === 'default' ? strategy.module : `${strategy.class} (${strategy.module})`
}

/** Up to `max` symbols by name, the others by number. */
export function symbolList(symbols: readonly string[], max: number): string {
  const shown = symbols.slice(0, max).join(', ')
  return symbols.length > max ? `${shown} and ${symbols.length - max} more` : shown
}

export function headerSection(result: Result): Html {
  const { outcome, config, window, provenance, options } = result
  const badge = outcome.kind === 'ok' ? 'good' : 'bad'
  const range =
    window === null
      ? null
      : html`<span>${formatTime(window.start)} – ${formatTime(window.end)}</span
          ><span>${formatCount(window.bars)} bars</span>`
  return html`<header>
    <div class="title">
      <h1>${strategyName(result)}</h1>
      <span class="badge ${badge}">${OUTCOME_TITLES[outcome.kind] ?? outcome.kind}</span>
    </div>
    <p class="facts">
      <span>${symbolList(config.symbols, 6)}</span><span>${config.interval}</span>${range}<span
        >run <code>${result.id}</code></span
      ><span>made ${formatTime(Date.parse(provenance.createdAt))}</span>
    </p>
    ${Object.entries(options.labels).length === 0 ? null : html`<p class="facts">${Object.entries(options.labels).map(([name, value]) => html`<span class="label">${name}: ${value}</span>`)}</p>`}
  </header>`
}

/** How a run ended, where it did not end well. */
export function outcomeSection({ outcome }: Result): Html | null {
  if (outcome.kind === 'ok') return null
  const { location } = outcome
  const code = outcome.reason === null ? outcome.kind : `${outcome.kind}(${outcome.reason})`
  return html`<section class="card failed">
    <h2>${OUTCOME_TITLES[outcome.kind] ?? outcome.kind}</h2>
    <p><code>${code}</code></p>
    ${preformatted(outcome.message)}
    ${location === null ? null : html`<p>At <code>${location.file}:${location.line}:${location.column}</code></p>`}
    ${outcome.pointer === null ? null : html`<p>Field <code>${outcome.pointer}</code></p>`}
    ${outcome.lastBarTime === null ? null : html`<p>Last bar: ${formatTime(outcome.lastBarTime)}</p>`}
    ${outcome.hint === null ? null : html`<p class="muted">${outcome.hint}</p>`}
    <p class="muted">A run that did not end well has no figures: nothing of it was verified.</p>
  </section>`
}

const tile = (label: string, value: string | null, note: string, tone = '') =>
  html`<div class="tile">
    <div class="muted">${label}</div>
    <div class="figure ${tone}">${value ?? '–'}</div>
    <div class="muted small">${note.replaceAll(' %', '\u00a0%')}</div>
  </div>`

const toneOf = (value: number | null) => (value === null || value === 0 ? '' : value > 0 ? 'up' : 'down')

/** In the middle of a line. */
function heldName(benchmark: Result['benchmark']): string {
  return benchmark?.kind === 'symbol' ? benchmarkName(benchmark) : 'buy-and-hold'
}

export function tilesSection({ summary, benchmark }: Result): Html | null {
  if (summary === null) return null
  const { metrics, counts } = summary
  const total = metrics.total_return.value
  const held = benchmark?.metrics.total_return.value ?? null
  const name = heldName(benchmark)
  const versus = held === null ? '' : `${name} ${formatPercent(held)}`
  const metric = (one: MetricName, note = '') => {
    const text = formatMetric(one, metrics[one])
    return tile(METRIC_DEFINITIONS[one].label, text, text === null ? metricReason(metrics[one]) : note)
  }
  return html`<section class="tiles">
    ${tile('Total return', formatMetric('total_return', metrics.total_return), versus, toneOf(total))}
    ${tile('Final equity', formatMoney(summary.finalEquity), `from ${formatMoney(summary.initialCash)}`)}
    ${metric('max_drawdown', held === null ? '' : `${name} ${formatMetric('max_drawdown', benchmark!.metrics.max_drawdown)}`)}
    ${metric('sharpe', (benchmark?.metrics.sharpe.value ?? null) === null ? '' : `${name} ${formatMetric('sharpe', benchmark!.metrics.sharpe)}`)}
    ${metric('win_rate', `${counts.wins} won, ${counts.losses} lost, ${counts.breakEven} even`)}
    ${tile('Closed trades', formatCount(counts.trades), `${counts.openLots} open at the end`)}
  </section>`
}

export function metricsSection({ summary, benchmark }: Result): Html | null {
  if (summary === null) return null
  const rows = METRIC_NAMES.map((name) => metricRow(name, summary.metrics[name], benchmark?.metrics ?? null))
  const rf = summary.metrics.sharpe
  return html`<section class="card">
    <h2>Metrics</h2>
    <div class="scroll">
      <table class="metrics">
        <thead>
          <tr>
            <th>Metric</th>
            <th class="n">Strategy</th>
            <th class="n">${benchmarkName(benchmark)}</th>
            <th>Definition</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    <p class="muted small">
      Daily equity, ${rf.A ?? 365} periods a year, risk-free rate ${formatPercent(rf.rf ?? 0)}. A value that cannot be
      stated says why. ${benchmark === null ? '' : `${benchmarkName(benchmark)}: ${benchmark.definition}.`}
    </p>
  </section>`
}

function metricRow(name: MetricName, metric: Metric, held: NonNullable<Result['benchmark']>['metrics'] | null): Html {
  const { label, formula } = METRIC_DEFINITIONS[name]
  const ofBenchmark = EQUITY_METRICS.find((known) => known === name)
  const other = held === null || ofBenchmark === undefined ? null : held[ofBenchmark]
  return html`<tr>
    <th scope="row">${label}</th>
    <td class="n">${valueOf(name, metric)}</td>
    <td class="n">${other === null ? html`<span class="muted">–</span>` : valueOf(name, other)}</td>
    <td class="muted small">
      <code>${metric.def}</code> ${formula}
      <span class="nowrap">(n ${formatCount(metric.n)})</span
      >${metric.flags.map((flag) => html` <span class="flag">${METRIC_FLAG_TEXTS[flag]}</span>`)}
    </td>
  </tr>`
}

function valueOf(name: MetricName, metric: Metric): Html {
  const text = formatMetric(name, metric)
  return text === null ? html`<span class="muted small">${metricReason(metric)}</span>` : html`${text}`
}

const MAX_LOTS_SHOWN = 200

export function positionsSection({ lots }: Result): Html | null {
  if (lots.length === 0) return null
  const shown = lots.slice(0, MAX_LOTS_SHOWN)
  return html`<section class="card">
    <h2>Open at the end</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Symbol</th>
            <th>Since</th>
            <th class="n">Quantity</th>
            <th class="n">Entry</th>
            <th class="n">Mark</th>
            <th class="n">Unrealised</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (lot) =>
              html`<tr>
                <td>${lot.symbol}</td>
                <td>${formatTime(lot.entryTime)}</td>
                <td class="n">${formatAmount(lot.quantity)}</td>
                <td class="n">${formatAmount(lot.entryPrice)}</td>
                <td class="n" title="close at ${formatTime(lot.markTime)}">${formatAmount(lot.mark)}</td>
                <td class="n ${lot.unrealised < 0 ? 'down' : 'up'}">${formatUnrealised(lot)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${lots.length > shown.length ? html`<p class="muted small">${shown.length} of ${formatCount(lots.length)} lots are shown.</p>` : null}
  </section>`
}

const row = (label: string, value: string) =>
  html`<tr>
    <th scope="row">${label}</th>
    <td class="n">${value}</td>
  </tr>`

/** What only perpetuals have. */
function perpetualRows(counts: NonNullable<Result['summary']>['counts'], crossAmbiguous: number): Html {
  const { funding = 0, fundingPayments = 0, liquidations = 0, writtenOff = 0 } = counts
  return html`${row('Funding, received less paid', `${formatMoney(funding)} in ${formatCount(fundingPayments)} payments`)}${row('Liquidations', formatCount(liquidations))}
  ${writtenOff > 0 ? row('Written off', formatMoney(writtenOff)) : null}${crossAmbiguous > 0 ? row('Bars that might have liquidated the account', formatCount(crossAmbiguous)) : null}`
}

export function costsSection(result: Result): Html | null {
  const { summary, ambiguity, config } = result
  if (summary === null) return null
  const { counts } = summary
  return html`<section class="card half">
    <h2>Costs and orders</h2>
    <table>
      ${row('Realised, before fees', formatMoney(counts.realised))}${row('Fees', formatMoney(counts.fees))}${row('Slippage, within prices', formatMoney(counts.slippage))}
      ${row('Average win', counts.averageWin === null ? '–' : formatMoney(counts.averageWin))}${row('Average loss', counts.averageLoss === null ? '–' : formatMoney(counts.averageLoss))}
      ${row('Fills', formatCount(counts.fills))}${row('Orders', formatCount(counts.orders))}
      ${row('Ambiguous bars', ambiguity === null ? '–' : `${formatCount(ambiguity.count)} (${formatMoney(ambiguity.boundsLocal)} between both readings)`)}
      ${describeVariants(result).map(([label, text]) => row(label, text))}
      ${config.market === 'perpetual' ? perpetualRows(counts, ambiguity?.crossAmbiguous ?? 0) : null}
    </table>
  </section>`
}

export function refusalsSection({ summary }: Result): Html | null {
  if (summary === null) return null
  const refusals =
    summary.refusalsByReason.length === 0
      ? html`<p class="muted">Nothing was refused.</p>`
      : html`<table>
          ${summary.refusalsByReason.map(
            (refusal) =>
              html`<tr>
                  <td>${refusal.text} <span class="muted">(${refusal.rule})</span></td>
                  <td class="n">${formatCount(refusal.count)}</td>
                </tr>
                ${refusalDetails(refusal).map(
                  ([text, count]) =>
                    html`<tr class="muted">
                      <td class="said">${text}</td>
                      <td class="n">${formatCount(count)}</td>
                    </tr>`,
                )}`,
          )}
        </table>`
  return html`<section class="card half">
    <h2>Refused: ${formatCount(summary.counts.refusals)}</h2>
    ${refusals}
  </section>`
}
