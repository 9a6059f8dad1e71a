/**
 * Technique: allocates and touches Buffers without end.
 * Expected: limit_exceeded(memory).
 * Stopped by: memory limit of the cgroup, swap set to the same value. Behind it: wall time; the kernel kills inside the cell only.
 * Without the memory limit (raised to 3 GiB; the program stops at 1 GiB): limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '06-native-buffer-bomb',
  where: 'open',
  family: 'resources',
  technique: 'allocates and touches Buffers without end',
  stoppedBy: 'memory limit of the cgroup, swap set to the same value',
  behind: 'wall time; the kernel kills inside the cell only',
  expect: { kind: 'limit_exceeded', reason: 'memory' },
  policy: { memoryBytes: 512 * 2 ** 20 },
  source: String.raw`
const keep = []
for (;;) keep.push(Buffer.alloc(2 ** 24, 1))
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'kernel'),
  ablated: {
    off: 'the memory limit (raised to 3 GiB; the program stops at 1 GiB)',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { memoryBytes: 3 * 2 ** 30, wallTimeMs: 4000 },
    source: String.raw`
const keep = []
for (let i = 0; i < 64; i++) keep.push(Buffer.alloc(2 ** 24, 1))
setInterval(() => {}, 1000)
`,
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
