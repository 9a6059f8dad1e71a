/**
 * Technique: writes a document of ten million small values.
 * Expected: platform_error(protocol).
 * Stopped by: count of values in the parser of hostile JSON. Behind it: the parser is a worker with a memory limit and a deadline.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '28-huge-json',
  where: 'open',
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
}
