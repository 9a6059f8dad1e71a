/**
 * Technique: writes a document of ten million small values.
 * Expected: platform_error(protocol).
 * Stopped by: count of values in the parser of hostile JSON. Behind it: the parser is a worker with a memory limit and a deadline.
 * Without the count of values: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '28-huge-json',
  where: 'open',
  family: 'output',
  technique: 'writes a document of ten million small values',
  stoppedBy: 'count of values in the parser of hostile JSON',
  behind: 'the parser is a worker with a memory limit and a deadline',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
attack.accept()
attack.readSeries()
attack.writeAll(1, '{"v":1,"outcome":[' + '[],'.repeat(1e7) + '[]]}')
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.verdict?.type, 'failed'),
  ablated: {
    off: 'the count of values',
    source: String.raw`
attack.accept()
attack.readSeries()
attack.writeAll(1, '{"v":1,"outcome":[' + '[],'.repeat(2e6) + '[]]}')
process.exit(0)
`,
    expect: { kind: 'platform_error', reason: 'protocol' },
    verifier: {
      'orchestrator-service/results/verify/parse-runner-result.ts': replaceOnce(
        'maxValues: 1_200_000',
        'maxValues: 1e9',
      ),
    },
  },
}
