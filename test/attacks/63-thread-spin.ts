/**
 * Technique: spins in eight threads at once, to take the cores of its neighbours.
 * Expected: limit_exceeded(wall_time).
 * Stopped by: CPU quota of the cgroup: one core, however many threads. Behind it: CPU shares; wall time.
 * Without the CPU quota (as many cores as the machine has): limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '63-thread-spin',
  where: 'open',
  family: 'resources',
  technique: 'spins in eight threads at once, to take the cores of its neighbours',
  stoppedBy: 'CPU quota of the cgroup: one core, however many threads',
  behind: 'CPU shares; wall time',
  expect: { kind: 'limit_exceeded', reason: 'wall_time' },
  policy: { wallTimeMs: 5000, noEventTimeMs: 60_000 },
  source: String.raw`import { Worker } from 'node:worker_threads'
for (let i = 0; i < 8; i++) new Worker('for (;;);', { eval: true })
let done = 0
setInterval(() => attack.emit({ type: 'progress', phase: 'decide', done: ++done, total: 1e9, barTime: null }), 500)
`,
  check: ({ end }) => {
    const { cpuNanos, wallMs } = end.outcome.usage
    assert.ok((cpuNanos ?? 0) / 1e6 < wallMs * 1.25)
  },
  ablated: {
    off: 'the CPU quota (as many cores as the machine has)',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { cores: 64 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
