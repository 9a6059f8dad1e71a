/**
 * Technique: asks for the candles and never reads them.
 * Expected: limit_exceeded(no_event).
 * Stopped by: the host gives up a write without progress. Behind it: the host counts the time without an event; wall time.
 * Without the clock of silence: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import { WIDE } from '../support/attack-candles.ts'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '20-never-reads-stdin',
  where: 'open',
  family: 'resources',
  technique: 'asks for the candles and never reads them',
  stoppedBy: 'the host gives up a write without progress',
  behind: 'the host counts the time without an event; wall time',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 5000 },
  symbol: WIDE,
  source: String.raw`
attack.accept()
setInterval(() => {}, 1000)
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  ablated: {
    off: 'the clock of silence',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { noEventTimeMs: 600_000, wallTimeMs: 4000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
