/**
 * Technique: closes stdin, stdout and stderr and stays.
 * Expected: limit_exceeded(no_event).
 * Stopped by: the host counts the time without an event. Behind it: the host ends a cell whose output has ended; wall time.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '27-closed-streams',
  where: 'open',
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
}
