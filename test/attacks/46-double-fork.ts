/**
 * Technique: forks twice with setsid in between, so that its grandchildren belong to nobody, and exits.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no child process exists. Behind it: the pid name space: when its first process ends, the kernel kills all others.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '46-double-fork',
  where: 'open',
  family: 'resources',
  technique: 'forks twice with setsid in between, so that its grandchildren belong to nobody, and exits',
  stoppedBy: 'seccomp: no child process exists',
  behind: 'the pid name space: when its first process ends, the kernel kills all others',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call } = await attack.loadSystemCalls()
const found = {}
for (let i = 0; i < 3; i++) {
  const child = call(57)
  if (child === 0) {
    call(112)
    if (call(57) === 0) for (;;);
    call(231, 0)
  }
  found['child ' + i] = child
}
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(3),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      for (const result of Object.values(report)) assert.ok(Number(result) > 1)
    },
  },
}
