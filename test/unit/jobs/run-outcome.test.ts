import { describe, it } from 'vitest'
import { outcomeOfVerdict } from '../../../orchestrator-service/jobs/run-outcome.ts'
import type { Verdict } from '../../../orchestrator-service/results/verify/verifier.ts'
import type { ClaimedOutcome } from '../../../src/protocol/outcome.ts'

function claimed(kind: ClaimedOutcome['kind'], reason: string | null): Verdict {
  const outcome = { kind, reason, message: 'Trust me', hint: null, location: null, lastBarTime: null }
  const usage = { cpuNanos: 1, peakMemoryBytes: 1, bars: 0 }
  const inspection = { name: 'X', kind: 'proposal', params: [], lookback: 0, symbols: [] } as const
  return {
    type: 'claimed',
    outcome,
    inspection: { ...inspection, params: [], symbols: [] },
    claims: { usage, timings: null },
  }
}

describe('outcomeOfVerdict()', () => {
  it('never takes an unverified "ok" of a run for one', ({ expect }) => {
    const core = outcomeOfVerdict(claimed('ok', null), 'run')

    expect(core).toMatchObject({ kind: 'platform_error', reason: 'protocol' })
  })

  it('takes an inspection for what it is', ({ expect }) => {
    const core = outcomeOfVerdict(claimed('ok', null), 'inspect')

    expect(core.kind).toBe('ok')
  })

  it.for([
    ['strategy_error', 'replay'],
    ['strategy_error', null],
    ['limit_exceeded', 'made up'],
    ['invalid_config', 'threw'],
    ['tampered', 'replay'],
  ] as const)('refuses the claim %s with reason %s', ([kind, reason], { expect }) => {
    expect(outcomeOfVerdict(claimed(kind, reason), 'run')).toMatchObject({ kind: 'platform_error', reason: 'protocol' })
  })

  it('takes a failure of the strategy at the word of the cell', ({ expect }) => {
    expect(outcomeOfVerdict(claimed('strategy_error', 'threw'), 'run')).toMatchObject({ message: 'Trust me' })
  })
})
