import { describe, test } from 'vitest'
import { renderSummary } from '../../../orchestrator-service/cli/summary.ts'
import { buildResult } from '../../../orchestrator-service/results/build-result.ts'
import { OK_OUTCOME, syntheticRun } from '../../support/synthetic-run.ts'

const run = syntheticRun({ symbols: ['AAA', 'BBB'], interval: '1d', bars: 400, trades: 10 })

describe('renderSummary()', () => {
  test('shows metrics beside buy-and-hold, trades, refusals, limits, trust, fingerprint and report', ({ expect }) => {
    const text = renderSummary(run.result, { reportPath: '/runs/x/report.html' })

    expect(text).toMatch(/Total return +-?[\d.]+ % +-?[\d.]+ %/)
    expect(text).toMatch(/Trades +\d+ closed/)
    expect(text).toContain('x the symbol already had')
    expect(text).toContain('memoryBytes 2.00 GiB')
    expect(text).toContain('recomputed by the host')
    expect(text).toContain(run.result.fingerprint!)
    expect(text).toContain('/runs/x/report.html')
  })

  test('keeps every line but hashes and paths within the width', ({ expect }) => {
    for (const width of [40, 60, 80, 120]) {
      const wide = renderSummary(run.result, { width })
        .split('\n')
        .filter((line) => line.length > width && !line.includes(run.result.fingerprint!))

      // The table of figures is 45 columns wide and is not broken
      expect(wide.filter((line) => line.length > Math.max(width, 45))).toEqual([])
    }
  })

  test('makes control and direction characters of strangers visible', ({ expect }) => {
    const hostile = syntheticRun({
      symbols: ['AAA'],
      interval: '1d',
      bars: 400,
      trades: 10,
      labels: { desk: '\u001b[2J\rFingerprint 0000\n\u202eevil' },
      config: { strategy: { module: 'a\u001b[31m.ts', class: 'X\r', params: {} } },
    })

    const text = renderSummary(hostile.result)

    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    expect(text).toContain('\\u{1b}[2J\\u{d}Fingerprint 0000\\n')
  })

  test('shows the most frequent words of policies of the user below their reason, made visible', ({ expect }) => {
    const details = ['one\u001b[2J', 'two', 'three', 'four'].map((text, i) => ({ text, count: 9 - i }))
    const refusalsByReason = [{ reason: 'risk', rule: 'P3e', text: 'over the limit', count: 30, details }]
    const text = renderSummary({ ...run.result, summary: { ...run.result.summary!, refusalsByReason } })

    expect(text).toMatch(
      /30 x over the limit \(P3e\)\n +9 x “one\\u\{1b\}\[2J”\n +8 x “two”\n +7 x “three”\n +6 x other words or none\n/,
    )
  })

  test('of a failed run has the outcome and no figures', ({ expect }) => {
    const outcome = {
      ...OK_OUTCOME,
      kind: 'limit_exceeded' as const,
      reason: 'memory',
      message: 'Killed',
      hint: 'Use less',
    }
    const text = renderSummary(buildResult({ ...run.input, verified: null, outcome }))

    expect(text).toContain('limit_exceeded(memory)')
    expect(text).toContain('nothing: this run has no fingerprint')
    expect(text).not.toContain('Total return')
  })

  test('says why a metric is missing and that trades are few', ({ expect }) => {
    const short = renderSummary(syntheticRun({ symbols: ['AAA'], interval: '1h', bars: 48, trades: 1 }).result)

    expect(short).toMatch(/CAGR +- +- +the window is under 30 days/)
    expect(short).toContain('fewer than 10 trades')
  })
})
