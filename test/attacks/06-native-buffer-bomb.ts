/**
 * Technique: allocates and touches Buffers without end.
 * Expected: limit_exceeded(memory).
 * Stopped by: memory limit of the cgroup, swap set to the same value. Behind it: wall time; the kernel kills inside the cell only.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '06-native-buffer-bomb',
  where: 'open',
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
}
