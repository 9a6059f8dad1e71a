import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { configSection, limitsSection, qualitySection, trustSection } from './audit-sections.ts'
import { html, scriptJson, trusted, type Html } from './html.ts'
import { buildReportData, type ReportData, type ReportInput } from './report-data.ts'
import {
  costsSection,
  headerSection,
  metricsSection,
  outcomeSection,
  positionsSection,
  refusalsSection,
  strategyName,
  tilesSection,
} from './sections.ts'
import { formatCount } from '../format.ts'

/**
 * Theory of operation. One file without a single request: styles, chart library, our script and the data are inlined, and
 * a content security policy forbids everything else. Words of strangers (names, labels, messages, symbols) enter either through
 * `html`, which escapes them, or through the JSON block, which our script writes with textContent only. Our script files are ES
 * modules for linters and editors; they are joined here by dropping their import and export words.
 */

const PAGE_SCRIPTS = [
  'columns.js',
  'format.js',
  'theme.js',
  'sync.js',
  'price-chart.js',
  'line-charts.js',
  'trade-table.js',
  'main.js',
]
const CSP = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

let assets: { readonly style: Html; readonly script: Html } | null = null

/** The report of a run as one self-contained HTML document. */
export function buildReport(input: ReportInput): string {
  const { result } = input
  const { style, script } = (assets ??= readAssets())
  const data = buildReportData(input)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${trusted(CSP)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href="data:," />
        <title>${`${strategyName(result)} – Hotcell run ${result.id}`}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main>
          ${headerSection(result)}${outcomeSection(result)}${tilesSection(result)}${chartSections(data)}${metricsSection(result)}
          ${tradesSection(data)}${positionsSection(result)}
          <div class="columns">
            <div>${costsSection(result)}${trustSection(result)}</div>
            <div>${refusalsSection(result)}${limitsSection(result)}</div>
          </div>
          ${qualitySection(result)}${configSection(result)}
          <footer class="muted small">
            Written by Hotcell. Every figure was computed by the host; this file makes no request.
          </footer>
        </main>
        <script type="application/json" id="report-data">
          ${scriptJson(data)}
        </script>
        <script>
          ${script}
        </script>
      </body>
    </html> `.markup
}

function chartSections(data: ReportData): Html | null {
  if (data.equity === null) return null
  const price =
    data.symbols.length === 0
      ? html`<p class="muted">The candles of this run were not at hand when the report was written.</p>`
      : html`<div class="bar">
            <select id="symbol" aria-label="Symbol"></select
            ><span class="mark">bought</span><span class="mark sell">sold</span
            ><span id="price-readout" class="readout"></span><button id="reset" type="button">Reset zoom</button>
          </div>
          <div id="price-chart" class="chart"></div>
          <p id="price-note" class="muted small"></p>`
  return html`<noscript
      ><p class="card">The charts and the trade list need scripts; all other figures stand below.</p></noscript
    >
    <section class="card">
      <h2>Price and trades</h2>
      ${price}
    </section>
    <section class="card">
      <h2>Equity</h2>
      <div class="bar">
        <span class="key strategy">Strategy</span><span class="key held">${data.held}</span
        ><span id="equity-readout" class="readout"></span>
      </div>
      <div id="equity-chart" class="chart"></div>
    </section>
    <section class="card">
      <h2>Drawdown</h2>
      <div class="bar"><span id="drawdown-readout" class="readout"></span></div>
      <div id="drawdown-chart" class="chart"></div>
    </section>`
}

function tradesSection({ counts, equity }: ReportData): Html | null {
  if (equity === null) return null
  const cut = counts.tradesShown < counts.trades || counts.fillsShown < counts.fills
  const note = cut
    ? `This file lists the first ${formatCount(counts.tradesShown)} of ${formatCount(counts.trades)} closed trades and marks the first ${formatCount(counts.fillsShown)} of ${formatCount(counts.fills)} fills; all are in the run directory.`
    : `All ${formatCount(counts.trades)} closed trades are listed and all ${formatCount(counts.fills)} fills are marked.`
  return html`<section class="card">
    <h2>Trades</h2>
    <div class="scroll"><table id="trades" class="trades"></table></div>
    <div id="pager" class="bar"></div>
    <p class="muted small">${note} Select a trade to see it in the chart.</p>
  </section>`
}

const own = (file: string) => readFileSync(new URL(`page/${file}`, import.meta.url), 'utf8')

function readAssets(): { style: Html; script: Html } {
  const uplot = path.dirname(createRequire(import.meta.url).resolve('uplot/package.json'))
  const library = readFileSync(path.join(uplot, 'dist', 'uPlot.iife.min.js'), 'utf8')
  const modules = PAGE_SCRIPTS.map(own).join('\n')
  const script = modules.replace(/^import[^']* from '[^']*'$/gm, '').replace(/^export /gm, '')
  const style = `${readFileSync(path.join(uplot, 'dist', 'uPlot.min.css'), 'utf8')}\n${own('style.css')}`
  return { style: trusted(style), script: trusted(`${library}\n;(() => {'use strict'\n${script}\n})()`) }
}
