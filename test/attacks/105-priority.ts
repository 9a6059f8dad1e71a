/**
 * Technique: takes precedence over its neighbours: negative nice, real time, disk priority, all cores, locked memory.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no call that changes a priority. Behind it: no capabilities; CPU quota and shares of the cgroup; ulimit memlock 0.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '105-priority',
  where: 'open',
  family: 'neighbours',
  technique: 'takes precedence over its neighbours: negative nice, real time, disk priority, all cores, locked memory',
  stoppedBy: 'seccomp: no call that changes a priority',
  behind: 'no capabilities; CPU quota and shares of the cgroup; ulimit memlock 0',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call, address } = await attack.loadSystemCalls()
const found = {}
const one = Buffer.alloc(4)
one.writeInt32LE(1, 0)
found.nice = call(141, 0, 0, -20)
found.realTime = call(144, 0, 1, address(one))
found.disk = call(251, 1, 0, (1 << 13) | 0)
found.lock = call(151, 1)
found.cores = call(203, 0, 8, address(Buffer.alloc(8, 0xff)))
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(5),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      for (const name of ['nice', 'realTime', 'disk', 'lock']) assert.ok(Number(report[name]) < 0, name)
    },
  },
}
