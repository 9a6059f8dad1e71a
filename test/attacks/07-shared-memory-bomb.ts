/**
 * Technique: allocates and touches SharedArrayBuffers, which no heap limit counts.
 * Expected: limit_exceeded(memory).
 * Stopped by: memory limit of the cgroup. Behind it: wall time.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '07-shared-memory-bomb',
  where: 'open',
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
}
