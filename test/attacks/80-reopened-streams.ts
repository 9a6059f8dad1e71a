/**
 * Technique: opens its own streams once more through /proc, to read what it wrote, to write into its own input and to keep it from ending.
 * Expected: limit_exceeded(no_event).
 * Stopped by: the host ends a cell by SIGKILL and does not wait for an end of input. Behind it: wall time; the result is verified, wherever it was written.
 * Without the clock of silence: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '80-reopened-streams',
  where: 'open',
  family: 'integrity',
  technique:
    'opens its own streams once more through /proc, to read what it wrote, to write into its own input and to keep it from ending',
  stoppedBy: 'the host ends a cell by SIGKILL and does not wait for an end of input',
  behind: 'wall time; the result is verified, wherever it was written',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 3000 },
  source: String.raw`import fs from 'node:fs'
const found = {}
for (const [name, path, flags] of [['input', '/proc/self/fd/0', 'r+'], ['output', '/proc/self/fd/1', 'r+'], ['errors', '/proc/1/fd/2', 'r+'], ['one', '/proc/1/fd/1', 'w']])
  try { fs.openSync(path, flags); found[name] = 'open' } catch (error) { found[name] = error.code }
attack.report(found)
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
