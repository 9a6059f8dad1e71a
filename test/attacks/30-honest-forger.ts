/**
 * Technique: writes with its own hands the result that the rules give: the control of the forgeries after it.
 * Expected: ok.
 * Stopped by: nothing: a true result is a true result, whoever wrote it. Behind it: the host computed it again.
 */
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '30-honest-forger',
  where: 'open',
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
}
