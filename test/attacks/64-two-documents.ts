/**
 * Technique: writes an honest result and a better one behind it, for a reader that takes the last.
 * Expected: platform_error(protocol).
 * Stopped by: one document: what follows it is not JSON. Behind it: the schema of the result; what is shown was computed by the host.
 * Single layer: a text with two documents is no JSON text: there is no check that could be left out.
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '64-two-documents',
  where: 'open',
  family: 'output',
  technique: 'writes an honest result and a better one behind it, for a reader that takes the last',
  stoppedBy: 'one document: what follows it is not JSON',
  behind: 'the schema of the result; what is shown was computed by the host',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`attack.accept()
const series = attack.readSeries()
const result = JSON.stringify(attack.forgeResult(attack.header, series, [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }]))
attack.writeAll(1, result + '\n' + result)
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.verdict?.type, 'failed'),
  singleLayer: 'a text with two documents is no JSON text: there is no check that could be left out',
}
