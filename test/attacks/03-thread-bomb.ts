/**
 * Technique: starts worker threads until nothing gives.
 * Expected: limit_exceeded(pids).
 * Stopped by: pids limit of the cgroup (64); the host sees the kernel refuse and ends the cell. Behind it: memory limit; CPU quota.
 * Without the pids limit: limit_exceeded(memory).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '03-thread-bomb',
  where: 'open',
  family: 'resources',
  technique: 'starts worker threads until nothing gives',
  stoppedBy: 'pids limit of the cgroup (64); the host sees the kernel refuse and ends the cell',
  behind: 'memory limit; CPU quota',
  expect: { kind: 'limit_exceeded', reason: 'pids' },
  source: String.raw`
import { Worker } from 'node:worker_threads'
for (let i = 0; i < 120; i++) {
  try {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } })
    worker.on('error', () => {})
  } catch {}
}
setInterval(() => {}, 1000)
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  ablated: {
    off: 'the pids limit',
    expect: { kind: 'limit_exceeded', reason: 'memory' },
    policy: { pids: 1024, memoryBytes: 256 * 2 ** 20 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'kernel'),
  },
}
