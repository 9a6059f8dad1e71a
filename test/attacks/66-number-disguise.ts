/**
 * Technique: claims a count of 2^53 + 1, which no number holds.
 * Expected: platform_error(protocol).
 * Stopped by: schema: counts are whole numbers within bounds. Behind it: what is shown is computed by the host.
 * Without the bounds of counts in the schema: ok.
 */
import assert from 'node:assert/strict'
import { type CellAttack, HONEST_OUTCOME } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '66-number-disguise',
  where: 'open',
  family: 'output',
  technique: 'claims a count of 2^53 + 1, which no number holds',
  stoppedBy: 'schema: counts are whole numbers within bounds',
  behind: 'what is shown is computed by the host',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }, { unit: 0, bar: 90, symbol: 0, sequence: 0, signal: 'SELL' }]
const document = JSON.stringify(attack.forgeResult(attack.header, series, rows))
attack.writeAll(1, document.replace(/"bars":\d+/, '"bars":9007199254740993'))
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.verdict?.type, 'failed'),
  ablated: {
    off: 'the bounds of counts in the schema',
    expect: { kind: 'ok', reason: null },
    verifier: {
      'src/protocol/runner-result.ts': replaceOnce(
        'const Count = Type.Integer({ minimum: 0, maximum: 1_099_511_627_776 })',
        'const Count = Type.Number()',
      ),
    },
    check: ({ outcomeHash }) => assert.equal(outcomeHash, HONEST_OUTCOME),
  },
}
