import { afterAll, beforeAll, describe, it } from 'vitest'
import { honestConfigs, moduleStrategy, SILENT, TREND } from '../../support/proof/honest-strategies.ts'
import { PROOF_RUNS } from '../../support/proof/proof-benches.ts'
import { symbolsOf, writeDetail, writePerpetual, writeSpot } from '../../support/proof/proof-data.ts'
import { openProofBench, type ProofBench } from '../../support/proof/proof-bench.ts'

const NAMES = Object.keys(honestConfigs('ONE', 'LATE'))

/** Both sides, held for days: it pays funding and is liquidated now and then. */
const BOTH_SIDES = `
    if (index % 30 !== 5) return null
    return { signal: candles.close[index] > candles.close[index - 5] ? 'BUY' : 'SELL' }`

describe('a proof of an honest strategy', () => {
  let bench: ProofBench
  beforeAll(async () => {
    bench = await openProofBench()
    for (let run = 0; run < PROOF_RUNS; run++) await writeSpot(bench.stores, run)
  })
  afterAll(() => bench[Symbol.dispose]())

  it.for(NAMES)('finds nothing: %s', { timeout: 60_000 * PROOF_RUNS }, async (name, { expect }) => {
    let decisions = 0
    for (let run = 0; run < PROOF_RUNS; run++) {
      const { one, late } = symbolsOf(run)
      const config = { symbols: [one], interval: '1h', ...honestConfigs(one, late)[name], seed: String(run) }

      const end = await bench.prove(config)

      expect(end.outcome, end.outcome.message).toMatchObject({ kind: 'ok' })
      expect(end.proof).toMatchObject({ verdict: 'proved', refuted: null, covered: end.proof!.decisions })
      decisions += end.proof!.decisions
    }
    expect(decisions > 0).toBe(name !== SILENT)
  })

  it('finds nothing on perpetuals, with marks and funding', { timeout: 60_000 * PROOF_RUNS }, async ({ expect }) => {
    for (let run = 0; run < PROOF_RUNS; run++) {
      await writePerpetual(bench.stores, run)
      const { one } = symbolsOf(run)
      const strategy = moduleStrategy(BOTH_SIDES)
      const perpetual = { leverage: 50, onOpposite: 'reverse' }

      const end = await bench.prove({ ...strategy, symbols: [one], interval: '4h', market: 'perpetual', perpetual })

      expect(end.proof).toMatchObject({ verdict: 'proved', covered: end.proof!.decisions })
      if (end.verdict?.type !== 'verified') throw new Error('not verified')
      const { funding, liquidations } = end.verdict.run.analysis.explanation
      expect(funding.length).toBeGreaterThan(10)
      expect(liquidations.length).toBeGreaterThan(0)
    }
  })

  it('finds nothing where detail candles decide', { timeout: 60_000 * PROOF_RUNS }, async ({ expect }) => {
    for (let run = 0; run < PROOF_RUNS; run++) {
      const { one } = symbolsOf(run)
      await writeDetail(bench.stores, run)
      const config = { symbols: [one], interval: '2h', detailInterval: '15m', fill: 'detail' }

      const end = await bench.prove({ ...moduleStrategy(TREND), ...config })

      expect(end.proof, end.outcome.message).toMatchObject({ verdict: 'proved', covered: end.proof!.decisions })
    }
  })

  it('is made by policy too', async ({ expect }) => {
    const config = { symbols: ['ONE0'], interval: '1h', ...honestConfigs('ONE0', 'LATE0')['SmaCrossover'] }

    const unasked = await bench.run(config, {})
    const always = await bench.run(config, { lookAheadProof: 'always' })

    expect(unasked).toMatchObject({ outcome: { kind: 'ok' }, proof: null })
    expect(always).toMatchObject({ outcome: { kind: 'ok' }, proof: { verdict: 'proved' } })
  })
})
