import { afterAll, beforeAll, describe, it } from 'vitest'
import type { RunEnd } from '../../../orchestrator-service/jobs/run-backtest.ts'
import type { NamedDifference } from '../../../src/verification/name-difference.ts'
import { openTamperingBench, type TamperingBench } from '../../support/tampering-bench.ts'

/** What the record at the place says; `claimed` and `recomputed` where they are no figures that only this run has. */
const EDITS: readonly (readonly [edit: string, market: 'spot' | 'perpetual', named: Partial<NamedDifference>])[] = [
  ['better fill', 'spot', { kind: 'fill', symbol: 'COIN', field: 'gross' }],
  ['missing fee', 'spot', { kind: 'fill', symbol: 'COIN', field: 'fee', claimed: 0 }],
  ['extra trade', 'spot', { kind: 'fill', symbol: 'COIN', field: null, claimed: 'fill', recomputed: null }],
  ['edited equity', 'spot', { kind: 'equity', symbol: null, field: 'equity' }],
  ['omitted stop', 'spot', { kind: 'fill', symbol: 'COIN', field: null, claimed: null, recomputed: 'fill' }],
  ['omitted funding', 'perpetual', { kind: 'funding', symbol: 'COIN', field: null, claimed: null }],
  ['omitted liquidation', 'perpetual', { kind: 'liquidate', symbol: 'COIN', field: null, claimed: null }],
  ['admitted refusal', 'spot', { kind: 'refuse', symbol: 'COIN', field: 'kind', claimed: 'admit' }],
]

function differenceOf({ verdict }: RunEnd): NamedDifference {
  if (verdict?.type !== 'tampered' || verdict.difference === null) throw new Error(JSON.stringify(verdict))
  return verdict.difference
}

describe('a runner that edits its result against its own log', () => {
  let bench: TamperingBench

  beforeAll(async () => {
    bench = await openTamperingBench()
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
  })

  it.for(['spot', 'perpetual'] as const)(
    'is believed on a %s market as long as it edits nothing',
    async (market, { expect }) => {
      const end = await bench.run({ market })

      expect(end.outcome, end.outcome.message).toMatchObject({ kind: 'ok' })
    },
  )

  it.for(EDITS)('is found: %s', async ([edit, market, expected], { expect }) => {
    const end = await bench.run({ market, edit })

    expect(end.outcome, end.outcome.message).toMatchObject({ kind: 'tampered', reason: 'replay' })
    const difference = differenceOf(end)
    expect(difference).toMatchObject(expected)
    expect(difference.bar).toBeGreaterThanOrEqual(0)
    expect(difference.claimed).not.toBe(difference.recomputed)
    expect(end.outcome.message).toContain(`at bar ${difference.bar} (20`)
  })
})
