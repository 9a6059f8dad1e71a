import { afterAll, beforeAll, describe, it } from 'vitest'
import type { RunEnd } from '../../../orchestrator-service/jobs/run-backtest.ts'
import { openTamperingBench, type TamperingBench } from '../../support/tampering-bench.ts'

function fingerprintOf(end: RunEnd): string {
  if (end.verdict?.type !== 'verified') throw new Error(end.outcome.message)
  return end.verdict.run.fingerprint
}

describe('a runner that lies about what a finished unit decided', () => {
  let bench: TamperingBench

  beforeAll(async () => {
    bench = await openTamperingBench()
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
  })

  it('has nothing to lie about in an honest job: the second attempt comes to the same', async ({ expect }) => {
    const [first, second] = await bench.runTwice({ market: 'spot' })

    expect([first.resumedUnits, second.resumedUnits]).toEqual([0, 1])
    expect(fingerprintOf(second)).toBe(fingerprintOf(first))
  })

  it('is consistent when it keeps rows with hindsight, and refuted by the proof', async ({ expect }) => {
    const [, unproved] = await bench.runTwice({ market: 'spot', edit: 'kept with hindsight' })
    const [first, proved] = await bench.runTwice({ market: 'spot', edit: 'kept with hindsight', proof: true })

    expect(first.proof).toMatchObject({ verdict: 'proved' })
    expect(unproved.outcome, unproved.outcome.message).toMatchObject({ kind: 'ok' })
    expect(fingerprintOf(unproved)).not.toBe(fingerprintOf(first))
    expect(proved.verdict).toMatchObject({ type: 'verified' })
    expect(proved.outcome).toMatchObject({ kind: 'tampered', reason: 'lookahead' })
    const { cut, row } = proved.proof!.refuted!
    expect(proved.outcome.message).toContain(`${new Date(cut).toISOString()} (decision ${row + 1} of `)
  })

  it.for([
    [
      'resumed unit kept anew',
      'The cell contradicts the checkpoints of the host: unit 0 decided something else before',
    ],
    [
      'resumed unit decided anew',
      'The cell contradicts the checkpoints of the host: decision 1 of unit 0 (COIN) is another one',
    ],
  ])('is found out when it contradicts the copy of the host: %s', async ([edit, message], { expect }) => {
    const [first, second] = await bench.runTwice({ market: 'spot', edit: edit! })

    expect(first.outcome).toMatchObject({ kind: 'ok' })
    expect(second.resumedUnits).toBe(1)
    expect(second.outcome).toMatchObject({ kind: 'tampered', reason: 'checkpoint', message })
  })
})
