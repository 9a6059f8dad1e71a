/**
 * Technique: starts child processes in a loop, by every means of child_process and cluster.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: clone is allowed for threads only, so no child process exists. Behind it: pids limit of the cgroup; wall time.
 * Without seccomp: limit_exceeded(pids).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '01-fork-bomb',
  where: 'open',
  family: 'resources',
  technique: 'starts child processes in a loop, by every means of child_process and cluster',
  stoppedBy: 'seccomp: clone is allowed for threads only, so no child process exists',
  behind: 'pids limit of the cgroup; wall time',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import cluster from 'node:cluster'
import { fork, spawn, spawnSync } from 'node:child_process'
let started = 0
const codes = new Set()
for (let i = 0; i < 200; i++) {
  for (const start of [
    () => spawn('/node', ['-e', 'for(;;);'], { detached: true }),
    () => spawnSync('/node', ['-v']),
    () => fork('/app/main.mjs'),
    () => cluster.fork(),
  ]) {
    try {
      const child = start()
      child.on?.('error', (error) => codes.add(error.code))
      child.process?.on('error', (error) => codes.add(error.code))
      if (child.error) codes.add(child.error.code)
      if (child.pid || child.process?.pid) started++
    } catch (error) { codes.add(error.code) }
  }
}
setTimeout(() => { attack.report({ started, codes: [...codes] }); process.exit(0) }, 200)
`,
  check: ({ report }) => {
    assert.equal(report['started'], 0)
    assert.deepEqual(report['codes'], ['EPERM'])
  },
  ablated: {
    off: 'seccomp',
    expect: { kind: 'limit_exceeded', reason: 'pids' },
    engine: ['seccomp'],
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
