/**
 * Technique: sleeps in Atomics.wait and says nothing.
 * Expected: limit_exceeded(no_event).
 * Stopped by: the host counts the time without an event. Behind it: wall time.
 * Without the clock of silence: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '17-sleep-on-the-slot',
  where: 'open',
  family: 'resources',
  technique: 'sleeps in Atomics.wait and says nothing',
  stoppedBy: 'the host counts the time without an event',
  behind: 'wall time',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 5000 },
  source: String.raw`
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  ablated: {
    off: 'the clock of silence',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { noEventTimeMs: 600_000, wallTimeMs: 4000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
