import { describe, test } from 'vitest'
import { buildResult } from '../../../orchestrator-service/results/build-result.ts'
import { buildReport } from '../../../orchestrator-service/results/report/build-report.ts'
import { buildReportData } from '../../../orchestrator-service/results/report/report-data.ts'
import { OK_OUTCOME, syntheticRun, type SyntheticRun } from '../../support/synthetic-run.ts'

const ATTACK = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'&\u202e\u0007`

function reportOf(run: SyntheticRun, result = run.result) {
  const { explanation, time, equity, benchmark } = run.analysis
  return {
    result,
    equity: { time, equity, benchmark: benchmark.equity },
    candles: run.candles,
    fills: explanation.fills,
    trades: explanation.trades,
  }
}

const run = syntheticRun({ symbols: ['AAA', 'BBB'], interval: '1d', bars: 400, trades: 10 })

describe('buildReport()', () => {
  test('is one document under a policy that allows no request', ({ expect }) => {
    const report = buildReport(reportOf(run))

    expect(report).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"`,
    )
    expect(report).not.toMatch(/<(link|script|img|iframe)[^>]*(src|href)="?(https?:|\/\/)/)
    expect(report).not.toMatch(/@import|url\(/)
    expect(report.match(/<script/g)).toHaveLength(2)
  })

  test('shows figures, definitions, limits, trust and fingerprint', ({ expect }) => {
    const report = buildReport(reportOf(run))

    for (const text of [
      'sharpe/v1',
      'Buy-and-hold',
      'recomputed by the host',
      run.result.fingerprint!,
      'memoryBytes',
    ]) {
      expect(report).toContain(text)
    }
    expect(report).toContain('2.00 GiB')
  })

  test('escapes the words of strangers wherever they stand', ({ expect }) => {
    const hostile = syntheticRun({
      symbols: [ATTACK, 'BBB'],
      interval: '1d',
      bars: 400,
      trades: 10,
      labels: { [ATTACK]: ATTACK },
      config: {
        strategy: { module: ATTACK, class: ATTACK, params: { [ATTACK]: ATTACK } },
        files: [{ path: ATTACK, source: '' }],
        args: { a: ATTACK },
      },
    })

    const report = buildReport(reportOf(hostile))

    expect(report.match(/<script/g)).toHaveLength(2)
    expect(report.match(/<\/script/g)).toHaveLength(2)
    expect(report).not.toContain('<img')
    expect(report).not.toContain('\u202e')
    expect(report).toContain('\\u{202e}')
  })

  test('lists what policies of the user said to refusals, escaped, and counts the rest', ({ expect }) => {
    const { result } = run
    const details = [
      { text: ATTACK, count: 7 },
      { text: 'one is enough', count: 2 },
    ]
    const refusalsByReason = [{ reason: 'risk', rule: 'P3e', text: 'over the limit', count: 12, details }]
    const report = buildReport(reportOf(run, { ...result, summary: { ...result.summary!, refusalsByReason } }))

    expect(report).toContain('“&lt;/script&gt;&lt;script&gt;alert(1)')
    expect(report).toContain('\\u{202e}\\u{7}”')
    expect(report).toContain('“one is enough”')
    expect(report).toMatch(/other words or none<\/td>\s*<td class="n">3</)
    expect(report.match(/<script/g)).toHaveLength(2)
    expect(report).not.toContain('<img')
  })

  test('of a failed run says how it ended and shows no figures', ({ expect }) => {
    const failed = buildResult({
      ...run.input,
      verified: null,
      outcome: {
        ...OK_OUTCOME,
        kind: 'strategy_error',
        reason: 'threw',
        message: `Error: ${ATTACK}`,
        hint: 'Look at line 3',
        location: { file: 'main.ts', line: 3, column: 7 },
      },
    })

    const report = buildReport({ result: failed, equity: null, candles: [], fills: [], trades: [] })

    expect(report).toContain('strategy_error(threw)')
    expect(report).toContain('main.ts:3:7')
    expect(report).toContain('no verified result and no fingerprint')
    expect(report).not.toContain('price-chart"')
    expect(report.match(/<script/g)).toHaveLength(2)
  })

  test('names reasons where a metric has no value', ({ expect }) => {
    const short = syntheticRun({ symbols: ['AAA'], interval: '1h', bars: 48, trades: 1 })

    const report = buildReport(reportOf(short))

    expect(report).toContain('the window is under 30 days, too short to annualise')
    expect(report).toContain('fewer than 20 daily returns')
  })
})

describe('buildReportData()', () => {
  test('gives fills bit by bit', ({ expect }) => {
    const { fills } = run.analysis.explanation

    const data = buildReportData(reportOf(run))

    const prices = new Float64Array(new Uint8Array(Buffer.from(data.fills.p, 'base64')).buffer)
    const minutes = new Uint32Array(new Uint8Array(Buffer.from(data.fills.t, 'base64')).buffer)
    expect([...prices]).toEqual(fills.map((fill) => fill.price))
    expect(Array.from(minutes, (minute) => minute * 60_000)).toEqual(fills.map((fill) => fill.time))
  })

  test('cuts trades and fills at a cap and states what was left out', ({ expect }) => {
    const { fills, trades } = run.analysis.explanation
    const many = {
      ...reportOf(run),
      fills: Array.from({ length: 50_001 }, (_, i) => fills[i % fills.length]!),
      trades: Array.from({ length: 20_001 }, (_, i) => trades[i % trades.length]!),
    }

    expect(buildReportData(many).counts).toEqual({
      fills: 50_001,
      fillsShown: 50_000,
      trades: 20_001,
      tradesShown: 20_000,
    })
    expect(buildReport(many)).toContain('the first 20,000 of 20,001 closed trades')
  })

  test('shares the candle budget among many symbols', ({ expect }) => {
    const many = Array.from({ length: 100 }, (_, i) => ({ ...run.candles[0]!, symbol: `S${i}` }))
    const result = { ...run.result, config: { ...run.result.config, symbols: many.map((s) => s.symbol) } }

    const { symbols } = buildReportData({ ...reportOf(run, result), candles: many })

    expect(symbols).toHaveLength(100)
    expect(symbols[0]!.bucket).toBe(2)
  })
})
