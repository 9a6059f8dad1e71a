/**
 * Technique: writes with its own hands the result that the rules give: the control of the forgeries after it.
 * Expected: ok.
 * Stopped by: nothing: a true result is a true result, whoever wrote it. Behind it: the host computed it again.
 * Single layer: a control: there is nothing to stop.
 */
import assert from 'node:assert/strict'
import { type CellAttack, HONEST_OUTCOME } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '30-honest-forger',
  where: 'open',
  family: 'integrity',
  technique: 'writes with its own hands the result that the rules give: the control of the forgeries after it',
  stoppedBy: 'nothing: a true result is a true result, whoever wrote it',
  behind: 'the host computed it again',
  expect: { kind: 'ok', reason: null },
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }, { unit: 0, bar: 90, symbol: 0, sequence: 0, signal: 'SELL' }]

attack.writeAll(1, JSON.stringify(attack.forgeResult(attack.header, series, rows)))
process.exit(0)
`,
  check: ({ outcomeHash }) => assert.equal(outcomeHash, HONEST_OUTCOME),
  singleLayer: 'a control: there is nothing to stop',
}
