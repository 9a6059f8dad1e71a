import type { Proof, Result } from '../../../src/protocol/result.ts'
import { formatBytes, formatCount, formatDuration, formatLimit, formatPercent, formatTime } from '../format.ts'
import { html, preformatted, type Html } from './html.ts'

const MAX_SYMBOLS_SHOWN = 500

const TRUST_TEXTS: Readonly<Record<string, string>> = {
  recomputed: 'recomputed by the host',
  claimed: 'claimed by the cell',
  proved: 'proved: no look-ahead',
}

const UNPROVED = "The decisions are the strategy's own; whether they used the future is not shown by this."

/** What a look-ahead proof has shown. */
function provedText({ cuts, decisions, covered, answers, coveredAnswers, excludedLeakRate }: Proof): string {
  const again = `A second cell, which had no bar behind each of ${formatCount(cuts)} instants, made the same decisions there`
  const asked = answers === 0 ? '' : `, ${formatCount(coveredAnswers)} of ${formatCount(answers)} answers of policies`
  const share = `${formatCount(covered)} of ${formatCount(decisions)} decisions${asked}`
  const rate =
    excludedLeakRate === null || covered + coveredAnswers === 0
      ? ''
      : `; a share of ${formatPercent(excludedLeakRate)} or more that look ahead is excluded at 99 %`
  return `${again} (${share}${rate}).`
}

export function trustSection(result: Result): Html {
  const { trust, fingerprint, inputs, outcomeHash, proof, lookAheadProne: prone } = result
  if (trust === null || fingerprint === null) {
    return html`<section class="card half">
      <h2>What was verified</h2>
      <p>Nothing: this run has no verified result and no fingerprint.</p>
    </section>`
  }
  const rows = Object.entries(trust).map(
    ([what, level]) =>
      html`<tr>
        <th scope="row">${what}</th>
        <td><span class="${level !== 'claimed' ? 'good-text' : ''}">${TRUST_TEXTS[level] ?? level}</span></td>
      </tr>`,
  )
  return html`<section class="card half">
    <h2>What was verified</h2>
    <p>
      The host played the whole timeline again from the decisions, with its own candles and rules: admissions, refusals,
      fills and equity came out byte for byte as claimed. ${proof === null ? UNPROVED : provedText(proof)}
    </p>
    ${prone === undefined ? null : html`<p>Prone to look-ahead: ${prone.join(', ')}. It was known how prices went when it was settled that orders fill at them.</p>`}
    <table>
      ${rows}
    </table>
    <p class="hash"><span class="muted">Fingerprint</span> <code>${fingerprint}</code></p>
    <p class="hash"><span class="muted">Inputs</span> <code>${inputs}</code></p>
    <p class="hash"><span class="muted">Outcome</span> <code>${outcomeHash}</code></p>
    <p class="muted small">Rules ${result.ruleSet}: ${result.rules.join(' ')}</p>
  </section>`
}

export function limitsSection({ limits, outcome, options }: Result): Html {
  const { usage } = outcome
  const used = [
    ['Wall time', formatDuration(usage.wallMs)],
    ['CPU time', usage.cpuNanos === null ? '–' : formatDuration(usage.cpuNanos / 1e6)],
    ['Peak memory', usage.peakMemoryBytes === null ? '–' : formatBytes(usage.peakMemoryBytes)],
    ['Output', `${formatBytes(usage.stdoutBytes)} result, ${formatBytes(usage.stderrBytes)} events`],
  ] as const
  return html`<section class="card half">
    <h2>Effective limits</h2>
    <p class="muted small">Policy <code>${options.policy}</code>: what the cell was allowed, as applied.</p>
    <div class="scroll">
      <table>
        ${Object.entries(limits).map(
          ([name, value]) =>
            html`<tr>
              <th scope="row"><code>${name}</code></th>
              <td class="n wrap">${formatLimit(name, value)}</td>
            </tr>`,
        )}
      </table>
    </div>
    <h3>Used</h3>
    <table>
      ${used.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td class="n">${value}</td>
          </tr>`,
      )}
    </table>
  </section>`
}

function detailOf({ detail, bars }: Result['dataQuality'][number]): string {
  if (detail === undefined) return '–'
  const share = `${formatCount(detail.covered)} of ${formatCount(bars)} bars by ${detail.interval}`
  return detail.differing === 0 ? share : `${share}, ${formatCount(detail.differing)} with another high or low`
}

export function qualitySection({ dataQuality }: Result): Html | null {
  if (dataQuality.length === 0) return null
  const shown = dataQuality.slice(0, MAX_SYMBOLS_SHOWN)
  const withDetail = dataQuality.some(({ detail }) => detail !== undefined)
  return html`<section class="card">
    <h2>Data</h2>
    <div class="scroll tall">
      <table>
        <thead>
          <tr>
            <th>Symbol</th>
            <th>From</th>
            <th>To</th>
            <th class="n">Bars</th>
            <th class="n">Lookback</th>
            <th class="n">Missing</th>
            <th class="n">Longest gap</th>
            <th class="n">No volume</th>
            ${withDetail ? html`<th class="n">Detail candles</th>` : null}
            <th>Flags</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (q) =>
              html`<tr>
                <td>${q.symbol}</td>
                <td>${q.firstOpen === null ? '–' : formatTime(q.firstOpen)}</td>
                <td>${q.lastClose === null ? '–' : formatTime(q.lastClose)}</td>
                <td class="n">${formatCount(q.bars)}</td>
                <td class="n">${formatCount(q.lookbackBars)}</td>
                <td class="n">${formatCount(q.missing)}</td>
                <td class="n">${formatCount(q.longestGap)}</td>
                <td class="n">${formatCount(q.zeroVolume)}</td>
                ${withDetail ? html`<td class="n">${detailOf(q)}</td>` : null}
                <td>${q.flags.map((flag) => html`<span class="flag">${flag}</span> `)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="muted small">
      A missing bar marks equity at the last close and fills nothing. no_instrument: quantities and prices were not
      rounded.
    </p>
  </section>`
}

export function configSection(result: Result): Html {
  const { files, ...config } = result.config
  const { provenance } = result
  const sources = files.map(
    (file) =>
      html`<li>
        <code>${file.path}</code> <span class="muted">${formatBytes(Buffer.byteLength(file.source))}</span>
      </li>`,
  )
  return html`<section class="card">
    <details>
      <summary>Configuration and provenance</summary>
      ${preformatted(JSON.stringify(config, null, 2))}
      ${
        sources.length === 0
          ? null
          : html`<ul>
              ${sources}
            </ul>`
      }
      <table>
        <tr>
          <th scope="row">Image</th>
          <td><code>${provenance.image?.digest ?? '–'}</code></td>
        </tr>
        <tr>
          <th scope="row">Runtime</th>
          <td>Node ${provenance.node} on ${provenance.arch}, ${provenance.engine}</td>
        </tr>
        <tr>
          <th scope="row">Candles sent</th>
          <td>${formatBytes(provenance.bytes.candles)}</td>
        </tr>
        <tr>
          <th scope="row">Moments</th>
          <td>
            ${Object.entries(provenance.timings)
              .map(([name, ms]) => `${name} ${formatDuration(ms)}`)
              .join(', ')}
          </td>
        </tr>
        <tr>
          <th scope="row">Work units</th>
          <td>${unitsText(provenance)}</td>
        </tr>
      </table>
    </details>
  </section>`
}

function unitsText({ units, resumedUnits = 0 }: Result['provenance']): string {
  const threads = new Map<number, number>()
  for (const unit of units) threads.set(unit.thread, (threads.get(unit.thread) ?? 0) + 1)
  const perThread = [...threads].sort((a, b) => a[0] - b[0]).map(([thread, count]) => `thread ${thread}: ${count}`)
  const resumed = resumedUnits === 0 ? '' : `, ${formatCount(resumedUnits)} of them taken from an earlier attempt`
  return `${formatCount(units.length)}${resumed}${perThread.length > 0 ? ` (${perThread.join(', ')})` : ''}`
}
