import { afterAll, beforeAll, describe, it } from 'vitest'
import { gappedSeries } from '../../support/gapped-series.ts'
import { honestConfigs, SILENT } from '../../support/proof/honest-strategies.ts'
import { openProofBench, type ProofBench } from '../../support/proof/proof-bench.ts'

/** Runs of each strategy, every one with candles and a seed of its own; more of them by hand. */
const RUNS = Number(process.env['HOTCELL_TEST_PROOFS'] ?? 1)
const ROWS = 600
const NAMES = Object.keys(honestConfigs('ONE', 'LATE'))

const symbolsOf = (run: number) => ({ one: `ONE${run}`, late: `LATE${run}` })

/** Candles with gaps, and some that begin in the middle of the window. */
async function writeCandles({ stores }: ProofBench, run: number): Promise<void> {
  const { one, late } = symbolsOf(run)
  const without = (row: number) => row % 41 === run % 41 && row > 0 && row < ROWS - 1
  const candles = [
    gappedSeries({ symbol: one, rows: ROWS, seed: 2 * run + 1, without }),
    gappedSeries({ symbol: late, rows: ROWS / 2, seed: 2 * run + 2, start: ROWS / 4 + run }),
  ]
  for (const series of candles) await stores.archive.write('spot', series)
}

describe('a proof of an honest strategy', () => {
  let bench: ProofBench
  beforeAll(async () => {
    bench = await openProofBench()
    for (let run = 0; run < RUNS; run++) await writeCandles(bench, run)
  })
  afterAll(() => bench[Symbol.dispose]())

  it.for(NAMES)('finds nothing: %s', { timeout: 60_000 * RUNS }, async (name, { expect }) => {
    let decisions = 0
    for (let run = 0; run < RUNS; run++) {
      const { one, late } = symbolsOf(run)
      const config = { symbols: [one], interval: '1h', ...honestConfigs(one, late)[name], seed: String(run) }

      const end = await bench.prove(config)

      expect(end.outcome, end.outcome.message).toMatchObject({ kind: 'ok' })
      expect(end.proof).toMatchObject({ verdict: 'proved', refuted: null, covered: end.proof!.decisions })
      decisions += end.proof!.decisions
    }
    expect(decisions > 0).toBe(name !== SILENT)
  })

  it('is made by policy too', async ({ expect }) => {
    const config = { symbols: ['ONE0'], interval: '1h', ...honestConfigs('ONE0', 'LATE0')['SmaCrossover'] }

    const unasked = await bench.run(config, {})
    const always = await bench.run(config, { lookAheadProof: 'always' })

    expect(unasked).toMatchObject({ outcome: { kind: 'ok' }, proof: null })
    expect(always).toMatchObject({ outcome: { kind: 'ok' }, proof: { verdict: 'proved' } })
  })
})
