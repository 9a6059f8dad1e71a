import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { App } from '../../../orchestrator-service/app.ts'
import type { RunDeps } from '../../../orchestrator-service/deps.ts'
import { runBacktest, type RunEnd } from '../../../orchestrator-service/jobs/run-backtest.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { type CandleSeries, sliceSeries } from '../../../src/candles/series.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import { BUILTIN_STRATEGIES } from '../../../src/strategies/builtin-catalogue.ts'
import { realShapedCandles } from '../../bench/candles.ts'
import { openTestApp } from '../../support/service.ts'
import { ensureTestImage } from '../../support/test-image.ts'

const BARS = 2000

function strategy(body: string, methods = ''): Record<string, unknown> {
  const code = `import { BaseStrategy } from 'hotcell'
export default class Made extends BaseStrategy {
  ${methods}
  decide(context) {
    const { candles, index } = context
    ${body}
  }
}
`
  return { strategy: { module: 'made.js' }, files: { 'made.js': code } }
}

const TREND = `
    if (index % 7 !== 0) return null
    return candles.close[index] > candles.open[index] ? { signal: 'BUY', slPct: 3 } : { signal: 'SELL' }`

/** Honest strategies of every kind; a proof of them must not find anything. */
const HONEST: Readonly<Record<string, Record<string, unknown>>> = {
  ...Object.fromEntries(
    BUILTIN_STRATEGIES.filter((name) => name !== 'Ensemble').map((name) => [name, { strategy: { builtin: name } }]),
  ),
  'decides on a bar': strategy(TREND),
  'with indicators': strategy(
    `const { fast, slow } = context.indicators
    if (fast[index - 1] <= slow[index - 1] && fast[index] > slow[index]) return { signal: 'BUY', meta: { at: index } }
    return fast[index - 1] >= slow[index - 1] && fast[index] < slow[index] ? { signal: 'SELL' } : null`,
    `requiredLookback() { return 40 }
  requiredIndicators() { return [{ id: 'fast', kind: 'ema', params: { period: 9 } }, { id: 'slow', kind: 'sma', params: { period: 33 } }] }`,
  ),
  'with chance': strategy(`return context.random() < 0.02 ? { signal: Math.random() < 0.5 ? 'BUY' : 'SELL' } : null`),
  'that remembers': strategy(
    `this.sum += candles.close[index]
    return index % 50 === 0 ? { signal: this.sum / (index + 1) < candles.close[index] ? 'BUY' : 'SELL' } : null`,
    'sum = 0',
  ),
  'on two symbols, one listed late': {
    ...strategy(
      `const late = context.frames.LATE
    if (late.index < 0 || index % 11 !== 0) return null
    const better = late.close[late.index] > late.open[late.index]
    return [{ signal: better ? 'BUY' : 'SELL', symbol: 'LATE' }, { signal: better ? 'SELL' : 'BUY', symbol: 'COIN' }]`,
      'workUnits(symbols) { return [symbols] }',
    ),
    symbols: ['COIN', 'LATE'],
  },
  'with a higher interval': strategy(
    `const hour = context.higher('1h')
    if (hour.index < 1 || index % 13 !== 0) return null
    return { signal: hour.close[hour.index] > hour.close[hour.index - 1] ? 'BUY' : 'SELL' }`,
    `requiredIntervals() { return ['1h'] }`,
  ),
  'that learns': strategy(
    `return index % 17 === 0 ? { signal: candles.close[index] > this.level ? 'BUY' : 'SELL' } : null`,
    `refitEvery = 100
  level = 0
  fit({ candles }) { let sum = 0; for (const close of candles.close) sum += close; this.level = sum / Math.max(1, candles.close.length) }`,
  ),
  'that aggregates': {
    ...strategy(
      TREND,
      `count = 0
  aggregateSignals(decisions) { this.count += decisions.length; return this.count % 3 === 0 ? decisions : decisions.slice(0, 1) }`,
    ),
    symbols: ['COIN', 'LATE'],
  },
  'without a decision': strategy('return null'),
}

/** A runner that shows the close of the next bar as that of this one, in a tenth of the bars; in which, the seed of the run says. */
const LEAKY = {
  'runner-image/realm/columns.ts': (text: string): string =>
    text.replace(
      'if (close !== null) close[row] = closes[row]!',
      'if (close !== null) close[row] = closes[Math.random() < 0.1 ? row + 1 : row]!',
    ),
}

/** Seeds of planted leaks; more of them by hand. */
const LEAK_SEEDS = Number(process.env['HOTCELL_TEST_LEAKS'] ?? 10)

describe('the look-ahead proof', () => {
  let dataDir: string
  let app: App
  const images = new Set<string>()

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hotcell-proof-'))
    app = await openTestApp(dataDir)
    const coin = realShapedCandles('COIN', BARS)
    const late: CandleSeries = { ...sliceSeries(realShapedCandles('LATE', BARS), BARS / 4, BARS), symbol: 'LATE' }
    await app.archive.write('spot', coin)
    await app.archive.write('spot', { ...sliceSeries(coin, 0, 1000), symbol: 'SHORT' })
    await app.archive.write('spot', late)
  })
  afterAll(async () => {
    await app[Symbol.asyncDispose]()
    const { docker } = connectEngine()
    for (const ref of images) await docker.getImage(ref).remove()
    await rm(dataDir, { recursive: true, force: true })
  })

  const prove = async (raw: object, deps: RunDeps = app.deps): Promise<RunEnd> => {
    const parsed = parseConfig({ symbols: ['COIN'], interval: '1m', ...raw, options: { proof: true } })
    return await runBacktest(deps, { job: 'proof', mode: 'run', ...parsed })
  }

  /** The product's pipeline with a runner in which sources are changed, for the run and for the proof alike. */
  const withRunner = async (changes: Readonly<Record<string, (text: string) => string>>): Promise<RunDeps> => {
    const sources = Object.entries(changes).map(([file, change]) => {
      const text = readFileSync(join(PROJECT_ROOT, file), 'utf8')
      const changed = change(text)
      if (changed === text) throw new Error(`${file} is not as it was`)
      return [file, changed]
    })
    const { ref } = await ensureTestImage(connectEngine().docker, {
      entry: 'runner',
      sources: Object.fromEntries(sources) as Record<string, string>,
    })
    images.add(ref)
    return { ...app.deps, image: () => Promise.resolve({ ref, id: ref, digest: ref }) }
  }

  for (const [name, raw] of Object.entries(HONEST)) {
    it(`finds nothing in a strategy ${name}`, async ({ expect }) => {
      const end = await prove(raw)

      expect(end.outcome, end.outcome.message).toMatchObject({ kind: 'ok' })
      const { verdict, cuts, decisions, covered, refuted } = end.proof!
      expect({ verdict, refuted }).toEqual({ verdict: 'proved', refuted: null })
      expect(cuts).toBeGreaterThanOrEqual(256)
      expect(decisions > 0).toBe(name !== 'without a decision')
      expect(covered).toBe(decisions)
    })
  }

  it('names the first decision of a runner that shows the next bar', async ({ expect }) => {
    const leaky = await withRunner(LEAKY)
    const raw = strategy(TREND)

    const unproved = await runBacktest(leaky, {
      job: 'unproved',
      mode: 'run',
      ...parseConfig({ symbols: ['COIN'], interval: '1m', ...raw }),
    })
    const end = await prove(raw, leaky)

    expect(unproved.outcome.kind).toBe('ok')
    expect(end.outcome).toMatchObject({ kind: 'tampered', reason: 'lookahead' })
    expect(end.outcome.message).toMatch(/at 20\d\d-.*\(decision \d+ of \d+\)/)
    expect(end.proof).toMatchObject({ verdict: 'refuted', excludedLeakRate: null })
    expect(end.proof!.refuted!.row).toBeLessThan(end.proof!.decisions)
  })

  it(
    `catches a leak in a tenth of the bars for ${LEAK_SEEDS} seeds`,
    { timeout: 60_000 * LEAK_SEEDS },
    async ({ expect }) => {
      const leaky = await withRunner(LEAKY)
      const verdicts: unknown[] = []
      for (let seed = 0; seed < LEAK_SEEDS; seed++) {
        const end = await prove({ ...strategy(TREND), symbols: ['SHORT'], seed: String(seed) }, leaky)
        verdicts.push(end.proof?.verdict)
      }

      const caught = verdicts.filter((verdict) => verdict === 'refuted').length
      expect(caught).toBeGreaterThanOrEqual(LEAK_SEEDS < 100 ? LEAK_SEEDS : 0.99 * LEAK_SEEDS)
    },
  )
})
