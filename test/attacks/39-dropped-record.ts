/**
 * Technique: leaves out the last records, and with them a loss.
 * Expected: tampered(replay).
 * Stopped by: the record streams are compared byte for byte. Behind it: what users see is computed by the host.
 */
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '39-dropped-record',
  where: 'open',
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
}
