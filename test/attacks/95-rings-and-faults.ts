/**
 * Technique: sets up io_uring and userfaultfd, from which kernel exploits are built.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: io_uring is ENOSYS, userfaultfd EPERM. Behind it: a ring carries out what its owner may do: read-only root, no network; user faults of the kernel need a capability.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '95-rings-and-faults',
  where: 'open',
  family: 'kernel',
  technique: 'sets up io_uring and userfaultfd, from which kernel exploits are built',
  stoppedBy: 'seccomp: io_uring is ENOSYS, userfaultfd EPERM',
  behind:
    'a ring carries out what its owner may do: read-only root, no network; user faults of the kernel need a capability',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const { call, address } = await attack.loadSystemCalls()
const found = {}
found.ring = call(425, 4, address(Buffer.alloc(120)))
found.kernelFaults = call(323, 0)
found.userFaults = call(323, 1)
try { fs.writeFileSync('/hotcell-escape', 'x'); found.root = 'written' } catch (error) { found.root = error.code }
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report, { ring: -38, kernelFaults: -1, userFaults: -1, root: 'EROFS' }),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      assert.ok(Number(report['kernelFaults']) < 0)
      assert.equal(report['root'], 'EROFS')
    },
  },
}
