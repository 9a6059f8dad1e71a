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

  it('holds the daily equity against the replay, and refuses what is none', ({ expect }) => {
    const { task, hashes, claim } = honestClaim()
    const verdict = (dailyEquity: string) => verdictOf({ ...claim, dailyEquity }, { task, hashes })
    const edited = new Float64Array(Uint8Array.from(Buffer.from(claim.dailyEquity!, 'base64')).buffer)
    edited[0]! += 1

    expect(verdict('=no base64')).toMatchObject({ type: 'failed', kind: 'protocol' })
    expect(verdict(Buffer.from('odd').toString('base64'))).toMatchObject({ type: 'failed', kind: 'protocol' })
    expect(verdict(Buffer.from(edited.buffer).toString('base64'))).toMatchObject({
      type: 'tampered',
      difference: { kind: 'equity', index: 0, field: 'equity', recomputed: edited[0]! - 1 },
    })
  })

  it('refuses an instant that no date can show', ({ expect }) => {
    const { claim } = honestClaim()
    const outcome = { ...claim.outcome, kind: 'strategy_error', reason: 'threw', lastBarTime: 1e300 } as const

    const verdict = verdictOf({ ...claim, outcome }, null)

    expect(verdict).toMatchObject({ type: 'failed', kind: 'protocol' })
  })
})
