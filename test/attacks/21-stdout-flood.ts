/**
 * Technique: writes to stdout as fast as it can.
 * Expected: limit_exceeded(output).
 * Stopped by: byte cap on the host (64 MiB); the stream is cut off before the kill. Behind it: one bounded log file of the engine; wall time.
 * Without the cap of stdout: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '21-stdout-flood',
  where: 'open',
  family: 'output',
  technique: 'writes to stdout as fast as it can',
  stoppedBy: 'byte cap on the host (64 MiB); the stream is cut off before the kill',
  behind: 'one bounded log file of the engine; wall time',
  expect: { kind: 'limit_exceeded', reason: 'output' },
  source: String.raw`
const chunk = Buffer.alloc(2 ** 20, 'x')
for (;;) attack.writeAll(1, chunk)
`,
  check: ({ end }) => assert.ok((end.exit?.stdout.length ?? 0) <= 64 * 2 ** 20),
  ablated: {
    off: 'the cap of stdout',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { stdoutBytes: 2 ** 30, wallTimeMs: 1500 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
