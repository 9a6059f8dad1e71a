import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { App } from '../../../orchestrator-service/app.ts'
import type { RunDeps } from '../../../orchestrator-service/deps.ts'
import { runBacktest, type RunEnd } from '../../../orchestrator-service/jobs/run-backtest.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { type CandleSeries, sliceSeries } from '../../../src/candles/series.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import { realShapedCandles } from '../../bench/candles.ts'
import type { Changes } from '../../support/attack.ts'
import { changedSources } from '../../support/attack-changes.ts'
import { honestConfigs, moduleStrategy, TREND } from '../../support/proof/honest-strategies.ts'
import { LEAKING_CLOSES } from '../../support/proof/leaking-runners.ts'
import { openTestApp } from '../../support/service.ts'
import { ensureTestImage } from '../../support/test-image.ts'

const BARS = 2000

/** Some honest strategies; all of them, without containers: test/integration/runner/no-false-alarm. */
const HONEST = ['SmaCrossover', 'on two symbols, one listed late', 'that learns on two symbols', 'that aggregates']

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
  const withRunner = async (changes: Changes): Promise<RunDeps> => {
    const sources = changedSources(changes)
    const { ref } = await ensureTestImage(connectEngine().docker, { entry: 'runner', sources })
    images.add(ref)
    return { ...app.deps, image: () => Promise.resolve({ ref, id: ref, digest: ref }) }
  }

  for (const name of HONEST) {
    it(`finds nothing in a strategy ${name}`, async ({ expect }) => {
      const end = await prove(honestConfigs('COIN', 'LATE')[name]!)

      expect(end.outcome, end.outcome.message).toMatchObject({ kind: 'ok' })
      const { verdict, cuts, decisions, covered, refuted } = end.proof!
      expect({ verdict, refuted }).toEqual({ verdict: 'proved', refuted: null })
      expect(cuts).toBeGreaterThanOrEqual(256)
      expect(decisions).toBeGreaterThan(0)
      expect(covered).toBe(decisions)
    })
  }

  it('finds nothing in a portfolio strategy, whose account comes from the host', async ({ expect }) => {
    const code = `import { BaseStrategy } from 'hotcell'
export default class Own extends BaseStrategy {
  onBar(portfolio) {
    const { candles, index } = portfolio
    const position = portfolio.position()
    if (position === null && index % 20 === 3 && candles.close[index] > candles.open[index])
      portfolio.submit({ side: 'buy', quantity: portfolio.cash / candles.close[index] / 4, slPct: 1 })
    else if (position !== null && index % 20 === 13) portfolio.close('COIN')
  }
}
`
    const end = await prove({ strategy: { module: 'own.js' }, files: { 'own.js': code } })

    expect(end.outcome, end.outcome.message).toMatchObject({ kind: 'ok' })
    expect(end.verdict).toMatchObject({ type: 'verified' })
    expect(end.proof).toMatchObject({ verdict: 'proved', refuted: null, covered: end.proof!.decisions })
    expect(end.proof!.decisions).toBeGreaterThan(20)
  })

  it('names the first decision of a runner that shows the next bar', async ({ expect }) => {
    const leaky = await withRunner(LEAKING_CLOSES)
    const raw = moduleStrategy(TREND)

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
      const leaky = await withRunner(LEAKING_CLOSES)
      const verdicts: unknown[] = []
      for (let seed = 0; seed < LEAK_SEEDS; seed++) {
        const end = await prove({ ...moduleStrategy(TREND), symbols: ['SHORT'], seed: String(seed) }, leaky)
        verdicts.push(end.proof?.verdict)
      }

      const caught = verdicts.filter((verdict) => verdict === 'refuted').length
      expect(caught).toBeGreaterThanOrEqual(LEAK_SEEDS < 100 ? LEAK_SEEDS : 0.99 * LEAK_SEEDS)
    },
  )
})
