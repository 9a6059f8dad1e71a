/**
 * Technique: writes valid log events as fast as it can.
 * Expected: limit_exceeded(output).
 * Stopped by: byte cap on the host (8 MiB). Behind it: only the first and last 10,000 entries are kept; wall time.
 * Without the cap of stderr: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '22-stderr-flood',
  where: 'open',
  family: 'output',
  technique: 'writes valid log events as fast as it can',
  stoppedBy: 'byte cap on the host (8 MiB)',
  behind: 'only the first and last 10,000 entries are kept; wall time',
  expect: { kind: 'limit_exceeded', reason: 'output' },
  source: String.raw`
const line = JSON.stringify({ type: 'log', level: 'info', unit: 'x', time: null, text: 'y'.repeat(1000) }) + '\n'
for (;;) attack.writeAll(2, line.repeat(100))
`,
  check: ({ end }) => assert.ok((end.exit?.logs.length ?? 0) <= 20_000),
  ablated: {
    off: 'the cap of stderr',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { logBytes: 2 ** 30, wallTimeMs: 2000 },
  },
}
