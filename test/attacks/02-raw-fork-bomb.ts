/**
 * Technique: calls fork, vfork, clone and clone3 directly through node:ffi, with and without new name spaces. Numbers are of x86_64; elsewhere other calls are hit, and none of them may work either.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: clone with the flags of pthread_create alone; clone3 is ENOSYS. Behind it: pids limit of the cgroup; no-new-privileges and no capabilities for the name spaces.
 * Without seccomp: limit_exceeded(pids).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '02-raw-fork-bomb',
  where: 'open',
  family: 'resources',
  technique: 'calls fork, vfork, clone and clone3 directly through node:ffi, with and without new name spaces',
  stoppedBy: 'seccomp: clone with the flags of pthread_create alone; clone3 is ENOSYS',
  behind: 'pids limit of the cgroup; no-new-privileges and no capabilities for the name spaces',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
const { call } = await attack.loadSystemCalls()
const found = {}
const SIGCHLD = 17
for (const [name, number, ...values] of [
  ['fork', 57],
  ['vfork', 58],
  ['clone', 56, SIGCHLD],
  ['clone newuser', 56, 0x10000000 | SIGCHLD],
  ['clone newpid', 56, 0x20000000 | SIGCHLD],
  ['clone newns', 56, 0x00020000 | SIGCHLD],
  ['clone3', 435, 0, 88],
]) {
  const result = call(number, ...values)
  // A child that came to be would go on here too: it must not.
  if (result === 0) for (;;);
  found[name] = result
}
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    const { clone3, ...others } = report
    assert.equal(clone3, -38)
    assert.deepEqual([...new Set(Object.values(others))], [-1])
    assert.equal(Object.keys(others).length, 6)
  },
  ablated: {
    off: 'seccomp',
    expect: { kind: 'limit_exceeded', reason: 'pids' },
    engine: ['seccomp'],
    source: String.raw`
const { call } = await attack.loadSystemCalls()
// Each child forks on, until the kernel refuses.
for (;;) if (call(57) < 0) break
for (;;);
`,
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
