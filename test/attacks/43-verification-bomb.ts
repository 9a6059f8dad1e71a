/**
 * Technique: sends 500,000 decisions, each an order, for the host to play.
 * Expected: tampered(replay).
 * Stopped by: the replay costs the host microseconds a decision, and finds the claim wrong. Behind it: cap of decisions; deadline and memory limit of the verification thread, which runs one at a time.
 * Without the comparison with the replay: ok.
 */
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '43-verification-bomb',
  where: 'open',
  family: 'submissions',
  technique: 'sends 500,000 decisions, each an order, for the host to play',
  stoppedBy: 'the replay costs the host microseconds a decision, and finds the claim wrong',
  behind: 'cap of decisions; deadline and memory limit of the verification thread, which runs one at a time',
  expect: { kind: 'tampered', reason: 'replay' },
  maxMs: 90_000,
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = []
for (let bar = 0; bar < 500; bar++)
  for (let sequence = 0; sequence < 1000; sequence++)
    rows.push({ unit: 0, bar, symbol: 0, sequence, signal: 'BUY', entryType: 'limit', entryPrice: 1 + sequence / 1000 })
const few = attack.forgeResult(attack.header, series, rows.slice(0, 1))
const bomb = attack.forgeResult(attack.header, series, rows)
attack.writeAll(1, JSON.stringify({ ...few, decisions: bomb.decisions }))
process.exit(0)
`,
  ablated: {
    off: 'the comparison with the replay',
    expect: { kind: 'ok', reason: null },
    verifier: {
      'orchestrator-service/results/verify/verify-run.ts': replaceOnce(
        'compareRecords(result, played.records, task) ?? compareEquity(result, played.equity, task)',
        'null',
      ),
    },
  },
}
