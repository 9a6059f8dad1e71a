/**
 * Technique: starts worker threads until nothing gives.
 * Expected: platform_error(protocol).
 * Stopped by: pids limit of the cgroup (64). Behind it: memory limit; CPU quota.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '03-thread-bomb',
  where: 'open',
  technique: 'starts worker threads until nothing gives',
  stoppedBy: 'pids limit of the cgroup (64)',
  behind: 'memory limit; CPU quota',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import { Worker } from 'node:worker_threads'
import { readFileSync } from 'node:fs'
let online = 0
let failed = 0
const pids = () => Number(readFileSync('/sys/fs/cgroup/pids/pids.current', 'utf8'))
let most = 0
for (let i = 0; i < 120; i++) {
  try {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } })
    worker.on('online', () => online++)
    worker.on('error', () => failed++)
  } catch { failed++ }
}
const end = Date.now() + 6000
const look = () => {
  try { most = Math.max(most, pids()) } catch { most = -1 }
  if (online + failed >= 120 || Date.now() > end) {
    attack.report({ online, failed, most })
    process.exit(0)
  }
  setTimeout(look, 50)
}
look()
`,
  check: ({ report }) => {
    assert.ok(Number(report['online']) < 64)
    assert.ok(Number(report['failed']) > 50)
    assert.ok(Number(report['most']) <= 64)
  },
}
