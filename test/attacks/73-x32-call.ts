/**
 * Technique: makes a system call of the x32 table, which filters of numbers forget.
 * Expected: limit_exceeded(no_event).
 * Stopped by: seccomp allows one architecture: the kernel kills the thread that calls, and the host ends the silence. Behind it: the host ends whatever lives in the cgroup before it removes the cell; no capabilities.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '73-x32-call',
  where: 'open',
  family: 'kernel',
  technique: 'makes a system call of the x32 table, which filters of numbers forget',
  stoppedBy: 'seccomp allows one architecture: the kernel kills the thread that calls, and the host ends the silence',
  behind: 'the host ends whatever lives in the cgroup before it removes the cell; no capabilities',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 5000 },
  maxMs: 45_000,
  source: String.raw`
const { call } = await attack.loadSystemCalls()
call(0x40000000 + 39)
attack.report({ survived: true })
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report, {}),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => assert.deepEqual(report, { survived: true }),
  },
}
