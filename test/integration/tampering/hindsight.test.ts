import { afterAll, beforeAll, describe, it } from 'vitest'
import { openTamperingBench, type TamperingBench } from '../../support/tampering-bench.ts'

describe('a runner that changes its decisions when it has seen what follows', () => {
  let bench: TamperingBench

  beforeAll(async () => {
    bench = await openTamperingBench()
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
  })

  it.for(['re-dated', 'cancelled afterwards'])(
    'is consistent, and refuted by the proof: %s',
    async (edit, { expect }) => {
      const [honest, unproved, proved] = [
        await bench.run({ market: 'spot', proof: true }),
        await bench.run({ market: 'spot', edit }),
        await bench.run({ market: 'spot', edit, proof: true }),
      ]

      expect(honest.proof).toMatchObject({ verdict: 'proved' })
      expect(unproved.outcome, unproved.outcome.message).toMatchObject({ kind: 'ok' })
      expect(proved.verdict).toMatchObject({ type: 'verified' })
      expect(proved.outcome).toMatchObject({ kind: 'tampered', reason: 'lookahead' })
      expect(proved.proof).toMatchObject({ verdict: 'refuted' })
      const { cut, row } = proved.proof!.refuted!
      expect(proved.outcome.message).toContain(`${new Date(cut).toISOString()} (decision ${row + 1} of `)
      if (unproved.verdict?.type !== 'verified' || honest.verdict?.type !== 'verified') throw new Error('not verified')
      expect(unproved.verdict.run.fingerprint).not.toBe(honest.verdict.run.fingerprint)
    },
  )

  it('is consistent, and refuted by the proof: a policy answer chosen afterwards', async ({ expect }) => {
    const sized = { market: 'spot', sized: true } as const
    const edit = 'answer chosen afterwards'
    const [honest, unproved, proved] = [
      await bench.run({ ...sized, proof: true }),
      await bench.run({ ...sized, edit }),
      await bench.run({ ...sized, edit, proof: true }),
    ]

    expect(honest.proof, honest.outcome.message).toMatchObject({ verdict: 'proved' })
    expect(unproved.outcome, unproved.outcome.message).toMatchObject({ kind: 'ok' })
    expect(proved.verdict).toMatchObject({ type: 'verified' })
    expect(proved.outcome).toMatchObject({ kind: 'tampered', reason: 'lookahead' })
    const { cut, row } = proved.proof!.refuted!
    expect(proved.outcome.message).toContain(`${new Date(cut).toISOString()} (answer ${row + 1} of `)
  })
})
