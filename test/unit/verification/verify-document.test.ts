import { describe, it } from 'vitest'
import { honestClaim, verdictOf } from '../rules/verification-fixture.ts'

describe('verifyDocument()', () => {
  it('refuses a result of another engine before it is compared', ({ expect }) => {
    const { task, hashes, claim } = honestClaim()

    const honest = verdictOf(claim, { task, hashes })
    const foreign = verdictOf({ ...claim, engine: 'hotcell-engine/9' }, { task, hashes })

    expect(honest.type).toBe('verified')
    expect(foreign).toMatchObject({ type: 'failed', kind: 'protocol' })
  })

  it('refuses an instant that no date can show', ({ expect }) => {
    const { claim } = honestClaim()
    const outcome = { ...claim.outcome, kind: 'strategy_error', reason: 'threw', lastBarTime: 1e300 } as const

    const verdict = verdictOf({ ...claim, outcome }, null)

    expect(verdict).toMatchObject({ type: 'failed', kind: 'protocol' })
  })
})
