import { describe, test } from 'vitest'
import { cutToRun, loadArchived, type ArchivedStores } from '../../../orchestrator-service/jobs/collect-candles.ts'
import { seriesFrames } from '../../../orchestrator-service/jobs/job-frames.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import { honestClaim, verdictOf } from '../rules/verification-fixture.ts'
import { syntheticCandles } from '../../support/synthetic-records.ts'
import { syntheticRun } from '../../support/synthetic-run.ts'
import { renderSummary } from '../../../orchestrator-service/cli/summary.ts'

const candles = (symbol: string, bars: number): CandleSeries =>
  syntheticCandles(symbol, { interval: '1d', bars, seed: 1 })

/** An archive that holds what it is told by `market/symbol`. */
function storesWith(held: ReadonlyMap<string, CandleSeries>): ArchivedStores {
  const archive = { load: async (market: string, symbol: string) => held.get(`${market}/${symbol}`) ?? null }
  return { archive, marks: archive, funding: { load: async () => null } } as unknown as ArchivedStores
}

const configOf = (extra: object) => {
  const benchmark = { symbol: 'SPY', interval: '1d' }
  return parseConfig({ strategy: { builtin: 'BuyAndHold' }, symbols: ['AAA'], interval: '1d', benchmark, ...extra })
    .config
}

describe('loadArchived()', () => {
  test('says which benchmark is missing', async ({ expect }) => {
    const stores = storesWith(new Map([['spot/AAA', candles('AAA', 10)]]))

    const loaded = await loadArchived(stores, configOf({}))

    expect(loaded).toMatchObject({
      ok: false,
      refusal: { reason: 'unknown_symbol', message: expect.stringContaining('SPY') },
    })
  })

  test('takes the benchmark of a perpetual from the spot market where it is no perpetual', async ({ expect }) => {
    const held = new Map([
      ['perpetual/AAA', candles('AAA', 10)],
      ['spot/SPY', candles('SPY', 10)],
    ])

    const loaded = await loadArchived(
      storesWith(held),
      configOf({ market: 'perpetual', perpetual: { funding: 'none' } }),
    )

    expect(loaded).toMatchObject({ ok: true, archived: { benchmark: { symbol: 'SPY', rows: 10 } } })
  })

  test('never sends the benchmark to a cell', async ({ expect }) => {
    const held = new Map([
      ['spot/AAA', candles('AAA', 10)],
      ['spot/SPY', candles('SPY', 10)],
    ])
    const config = configOf({})
    const loaded = await loadArchived(storesWith(held), config)
    if (!loaded.ok) throw new Error(loaded.refusal.message)

    const cut = cutToRun(config, { ...loaded.archived, instruments: [null] }, 0)

    if (!cut.ok) throw new Error(cut.refusal.message)
    expect(cut.data.benchmark?.rows).toBe(10)
    expect([...seriesFrames(cut.data)]).toHaveLength(1)
  })
})

describe('a benchmark of its own', () => {
  test('is part of the inputs and not of the outcome', ({ expect }) => {
    const { task, hashes, claim } = honestClaim()
    const inputsWith = (benchmark: CandleSeries | null) => {
      const verdict = verdictOf(claim, { task: { ...task, benchmark }, hashes })
      if (verdict.type !== 'verified') throw new Error(verdict.type)
      return verdict.run
    }
    const spy = candles('SPY', 5)

    const [without, one, other] = [inputsWith(null), inputsWith(spy), inputsWith({ ...spy, close: spy.open })]

    expect(new Set([without.inputs, one.inputs, other.inputs]).size).toBe(3)
    expect(new Set([without.outcome, one.outcome, other.outcome]).size).toBe(1)
  })

  test('is shown by its name in the result and the summary', ({ expect }) => {
    const { result } = syntheticRun({
      symbols: ['AAA'],
      interval: '1d',
      bars: 40,
      trades: 2,
      benchmark: candles('SPY', 40),
      config: { benchmark: { symbol: 'SPY', interval: '1d' } },
    })

    expect(result.benchmark).toMatchObject({ kind: 'symbol', symbols: ['SPY'], interval: '1d' })
    expect(result.benchmark!.normalised.benchmark[0]).toBe(1)
    expect(result.benchmark!.normalised.run).toHaveLength(41)
    expect(renderSummary(result)).toMatch(/Strategy +SPY$/m)
  })
})
