/**
 * Technique: answers a run with an honest result and an inspection beside it, so that it is taken for a mere claim of ok.
 * Expected: platform_error(protocol).
 * Stopped by: ok without verification may be claimed only where the host asked for an inspection. Behind it: a result is shown and stored only when it was verified.
 * Without the refusal of an inspection beside a result: ok.
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '44-stray-inspection',
  where: 'open',
  family: 'integrity',
  technique:
    'answers a run with an honest result and an inspection beside it, so that it is taken for a mere claim of ok',
  stoppedBy: 'ok without verification may be claimed only where the host asked for an inspection',
  behind: 'a result is shown and stored only when it was verified',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }]

const result = attack.forgeResult(attack.header, series, rows)
const inspection = { name: 'S', kind: 'proposal', params: [], lookback: 0, symbols: attack.header.config.symbols }
attack.writeAll(1, JSON.stringify({ ...result, inspection }))
process.exit(0)
`,
  check: ({ end, outcomeHash }) => {
    assert.equal(end.verdict?.type, 'claimed')
    assert.match(end.outcome.message, /claims an outcome that is not its to claim: ok/)
    assert.equal(outcomeHash, null)
  },
  ablated: {
    off: 'the refusal of an inspection beside a result',
    expect: { kind: 'ok', reason: null },
    verifier: {
      'orchestrator-service/results/verify/verify-run.ts': replaceOnce(' || result.inspection !== undefined', ''),
    },
    check: ({ end }) => assert.equal(end.verdict?.type, 'verified'),
  },
}
