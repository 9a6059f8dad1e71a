/**
 * Technique: claims the true records and another equity.
 * Expected: tampered(replay).
 * Stopped by: the equity of the replay is hashed and compared. Behind it: what users see is computed by the host.
 * Without the comparison with the replay: ok.
 */
import assert from 'node:assert/strict'
import { type CellAttack, HONEST_OUTCOME } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '38-fake-equity',
  where: 'open',
  family: 'integrity',
  technique: 'claims the true records and another equity',
  stoppedBy: 'the equity of the replay is hashed and compared',
  behind: 'what users see is computed by the host',
  expect: { kind: 'tampered', reason: 'replay' },
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }, { unit: 0, bar: 90, symbol: 0, sequence: 0, signal: 'SELL' }]

attack.writeAll(1, JSON.stringify({ ...attack.forgeResult(attack.header, series, rows), equityHash: '0'.repeat(64) }))
process.exit(0)
`,
  ablated: {
    off: 'the comparison with the replay',
    expect: { kind: 'ok', reason: null },
    verifier: {
      'orchestrator-service/results/verify/verify-run.ts': replaceOnce(
        'compareRecords(result, played.records, task) ?? compareEquity(result, played.equity, task)',
        'null',
      ),
    },
    check: ({ outcomeHash }) => assert.equal(outcomeHash, HONEST_OUTCOME),
  },
}
