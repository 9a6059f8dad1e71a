/**
 * Technique: closes stdin, stdout and stderr and stays.
 * Expected: platform_error(protocol).
 * Stopped by: the host ends a cell whose output has ended. Behind it: time without an event; wall time.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '27-closed-streams',
  where: 'open',
  technique: 'closes stdin, stdout and stderr and stays',
  stoppedBy: 'the host ends a cell whose output has ended',
  behind: 'time without an event; wall time',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import fs from 'node:fs'
for (const fd of [0, 1, 2]) try { fs.closeSync(fd) } catch {}
setInterval(() => {}, 1000)
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
}
