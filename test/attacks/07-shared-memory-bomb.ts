/**
 * Technique: allocates and touches SharedArrayBuffers, which no heap limit counts.
 * Expected: limit_exceeded(memory).
 * Stopped by: memory limit of the cgroup. Behind it: wall time.
 * Without the memory limit (raised to 3 GiB; the program stops at 1 GiB): limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '07-shared-memory-bomb',
  where: 'open',
  family: 'resources',
  technique: 'allocates and touches SharedArrayBuffers, which no heap limit counts',
  stoppedBy: 'memory limit of the cgroup',
  behind: 'wall time',
  expect: { kind: 'limit_exceeded', reason: 'memory' },
  policy: { memoryBytes: 512 * 2 ** 20 },
  source: String.raw`
const keep = []
for (;;) keep.push(new Uint8Array(new SharedArrayBuffer(2 ** 26)).fill(1))
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'kernel'),
  ablated: {
    off: 'the memory limit (raised to 3 GiB; the program stops at 1 GiB)',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { memoryBytes: 3 * 2 ** 30, wallTimeMs: 4000 },
    source: String.raw`
const keep = []
for (let i = 0; i < 16; i++) keep.push(new Uint8Array(new SharedArrayBuffer(2 ** 26)).fill(1))
setInterval(() => {}, 1000)
`,
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
