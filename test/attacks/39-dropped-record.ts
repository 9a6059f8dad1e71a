/**
 * Technique: leaves out the last records, and with them a loss.
 * Expected: tampered(replay).
 * Stopped by: the record streams are compared byte for byte. Behind it: what users see is computed by the host.
 * Without the comparison with the replay: ok.
 */
import assert from 'node:assert/strict'
import { type CellAttack, HONEST_OUTCOME } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '39-dropped-record',
  where: 'open',
  family: 'integrity',
  technique: 'leaves out the last records, and with them a loss',
  stoppedBy: 'the record streams are compared byte for byte',
  behind: 'what users see is computed by the host',
  expect: { kind: 'tampered', reason: 'replay' },
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }, { unit: 0, bar: 90, symbol: 0, sequence: 0, signal: 'SELL' }]

const result = attack.forgeResult(attack.header, series, rows)
const records = Buffer.from(result.records, 'base64')
attack.writeAll(1, JSON.stringify({ ...result, records: records.subarray(0, records.length - 96).toString('base64'), recordCount: result.recordCount - 1 }))
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
