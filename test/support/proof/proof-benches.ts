import { afterAll, beforeAll } from 'vitest'
import type { Changes } from '../attack.ts'
import { openProofBench, type ProofBench } from './proof-bench.ts'
import { writePerpetual, writeSpot } from './proof-data.ts'

/** How often a configuration is proved, each time with another seed; more often by hand. */
export const PROOF_RUNS = Number(process.env['HOTCELL_TEST_PROOFS'] ?? 1)

/** A bench for each runner that the tests of a file need, by its name, with the candles of run 0 on both markets. */
export function useProofBenches<Name extends string>(
  runners: Readonly<Record<Name, Changes>>,
): (name: Name) => ProofBench {
  const benches = new Map<string, ProofBench>()
  beforeAll(async () => {
    for (const [name, changes] of Object.entries<Changes>(runners)) {
      const bench = await openProofBench(changes)
      benches.set(name, bench)
      await writeSpot(bench.stores, 0)
      await writePerpetual(bench.stores, 0)
    }
  })
  afterAll(() => benches.forEach((bench) => bench[Symbol.dispose]()))
  return (name) => benches.get(name)!
}
