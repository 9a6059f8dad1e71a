/**
 * Technique: claims the true records and another equity.
 * Expected: tampered(replay).
 * Stopped by: the equity of the replay is hashed and compared. Behind it: what users see is computed by the host.
 */
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '38-fake-equity',
  where: 'open',
  technique: 'claims the true records and another equity',
  stoppedBy: 'the equity of the replay is hashed and compared',
  behind: 'what users see is computed by the host',
  expect: { kind: 'tampered', reason: 'replay' },
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }, { unit: 0, bar: 90, symbol: 0, sequence: 0, signal: 'SELL' }]

attack.writeAll(1, JSON.stringify({ ...attack.forgeResult(attack.header, series, rows), equityHash: '0'.repeat(64) }))
process.exit(0)
`,
}
