/**
 * Technique: closes stdin, stdout and stderr and stays.
 * Expected: limit_exceeded(no_event).
 * Stopped by: the host counts the time without an event. Behind it: the host ends a cell whose output has ended; wall time.
 * Without the clock of silence: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '27-closed-streams',
  where: 'open',
  family: 'output',
  technique: 'closes stdin, stdout and stderr and stays',
  stoppedBy: 'the host counts the time without an event',
  behind: 'the host ends a cell whose output has ended; wall time',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 5000 },
  source: String.raw`
import fs from 'node:fs'
for (const fd of [0, 1, 2]) try { fs.closeSync(fd) } catch {}
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
