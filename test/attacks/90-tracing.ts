/**
 * Technique: attaches to its own processes and reads their memory through ptrace, process_vm_readv, kcmp and pidfd_getfd, with real arguments.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: none of these calls is in the list. Behind it: the pid name space: whatever could be traced is the cell itself.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '90-tracing',
  where: 'open',
  family: 'kernel',
  technique:
    'attaches to its own processes and reads their memory through ptrace, process_vm_readv, kcmp and pidfd_getfd, with real arguments',
  stoppedBy: 'seccomp: none of these calls is in the list',
  behind: 'the pid name space: whatever could be traced is the cell itself',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call, address } = await attack.loadSystemCalls()
const found = {}
const target = Buffer.from('EFGH')
const local = Buffer.alloc(4)
const vector = (bytes) => { const v = Buffer.alloc(16); v.writeBigUInt64LE(address(bytes), 0); v.writeBigUInt64LE(4n, 8); return v }
const [to, from] = [vector(local), vector(target)]
found.own = call(310, 1, address(to), 1, address(from), 1, 0)
found.other = call(310, 2, address(to), 1, address(from), 1, 0)
found.write = call(311, 2, address(to), 1, address(from), 1, 0)
found.attach = call(101, 16, 2, 0, 0)
found.seize = call(101, 0x4206, 1, 0, 0)
found.kcmp = call(312, 1, 2, 0, 0, 0)
found.pidfd = call(434, 2, 0)
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(7),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      // Of its own memory it may read; of what is not there, nothing
      assert.equal(report['own'], 4)
      for (const name of ['seize', 'attach', 'other', 'pidfd']) assert.ok(Number(report[name]) < 0, name)
    },
  },
}
