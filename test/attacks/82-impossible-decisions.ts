/**
 * Technique: claims decisions at bars that do not exist, of units that do not exist and twice in one place.
 * Expected: platform_error(protocol).
 * Stopped by: the decision log is read with bounds for every column. Behind it: the replay; schema of the log.
 * Single layer: a row outside of the run has no meaning to the replay: reading with bounds is how the log is read.
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '82-impossible-decisions',
  where: 'open',
  family: 'integrity',
  technique: 'claims decisions at bars that do not exist, of units that do not exist and twice in one place',
  stoppedBy: 'the decision log is read with bounds for every column',
  behind: 'the replay; schema of the log',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`attack.accept()
const series = attack.readSeries()
const result = attack.forgeResult(attack.header, series, [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }])
const column = (text, value) => { const bytes = Buffer.from(text, 'base64'); bytes.fill(value); return bytes.toString('base64') }
const { decisions } = result
attack.writeAll(1, JSON.stringify({ ...result, decisions: { ...decisions, unit: column(decisions.unit, 0x7f), symbol: column(decisions.symbol, 0x7f) } }))
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.verdict?.type, 'failed'),
  singleLayer: 'a row outside of the run has no meaning to the replay: reading with bounds is how the log is read',
}
