/**
 * Technique: sends 200,000 decisions that keep as many orders alive as the rules allow.
 * Expected: strategy_error(too_many_orders).
 * Stopped by: caps of decisions and live orders. Behind it: deadline and memory limit of the verification thread.
 */
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '43-verification-bomb',
  where: 'open',
  technique: 'sends 200,000 decisions that keep as many orders alive as the rules allow',
  stoppedBy: 'caps of decisions and live orders',
  behind: 'deadline and memory limit of the verification thread',
  expect: { kind: 'strategy_error', reason: 'too_many_orders' },
  maxMs: 90_000,
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = []
for (let bar = 0; bar < 200; bar++)
  for (let sequence = 0; sequence < 1000; sequence++)
    rows.push({ unit: 0, bar, symbol: 0, sequence, signal: 'BUY', entryType: 'limit', entryPrice: 1 + sequence / 1000 })
const few = attack.forgeResult(attack.header, series, rows.slice(0, 1))
const bomb = attack.forgeResult(attack.header, series, rows)
attack.writeAll(1, JSON.stringify({ ...few, decisions: bomb.decisions }))
process.exit(0)
`,
}
