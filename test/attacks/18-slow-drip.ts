/**
 * Technique: emits a progress event every 200 ms to look alive for ever.
 * Expected: limit_exceeded(wall_time).
 * Stopped by: wall time of the job, counted by the host. Behind it: cap of the log bytes; CPU time from the cgroup.
 * Without the wall time: limit_exceeded(output).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '18-slow-drip',
  where: 'open',
  family: 'resources',
  technique: 'emits a progress event every 200 ms to look alive for ever',
  stoppedBy: 'wall time of the job, counted by the host',
  behind: 'cap of the log bytes; CPU time from the cgroup',
  expect: { kind: 'limit_exceeded', reason: 'wall_time' },
  policy: { wallTimeMs: 6000, noEventTimeMs: 60_000 },
  source: String.raw`
let done = 0
setInterval(() => attack.emit({ type: 'progress', phase: 'decide', done: ++done, total: 1e9, barTime: null }), 200)
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  ablated: {
    off: 'the wall time',
    expect: { kind: 'limit_exceeded', reason: 'output' },
    policy: { wallTimeMs: 600_000, logBytes: 8000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
