/**
 * Technique: claims a million decisions over columns that hold one, so that the reader allocates for what it is told.
 * Expected: platform_error(protocol).
 * Stopped by: the columns must have the length of the rows. Behind it: schema: at most 1,000,000 rows; memory limit of the verification thread.
 * Single layer: the length of a column follows from its bytes: there is no other number to trust.
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '83-false-row-count',
  where: 'open',
  family: 'submissions',
  technique: 'claims a million decisions over columns that hold one, so that the reader allocates for what it is told',
  stoppedBy: 'the columns must have the length of the rows',
  behind: 'schema: at most 1,000,000 rows; memory limit of the verification thread',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`attack.accept()
const series = attack.readSeries()
const result = attack.forgeResult(attack.header, series, [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }])
attack.writeAll(1, JSON.stringify({ ...result, decisions: { ...result.decisions, rows: 1_000_000 } }))
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.verdict?.type, 'failed'),
  singleLayer: 'the length of a column follows from its bytes: there is no other number to trust',
}
