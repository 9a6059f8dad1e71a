/**
 * Technique: makes device nodes of disks and memory, changes owners and gives itself ports of the machine.
 * Expected: platform_error(protocol).
 * Stopped by: all capabilities are dropped. Behind it: seccomp: no mknod, chown, ioperm or iopl; uid 65534; devices of the cgroup; /tmp is nodev.
 * Without dropping of capabilities: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '100-devices',
  where: 'open',
  family: 'kernel',
  technique: 'makes device nodes of disks and memory, changes owners and gives itself ports of the machine',
  stoppedBy: 'all capabilities are dropped',
  behind: 'seccomp: no mknod, chown, ioperm or iopl; uid 65534; devices of the cgroup; /tmp is nodev',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const { call, address, text } = await attack.loadSystemCalls()
const found = {}
const [disk, memory, tmp] = ['/tmp/disk', '/tmp/mem', '/tmp'].map(text)
found.disk = call(133, address(disk), 0o60666, 0x800)
found.memory = call(133, address(memory), 0o20666, 0x101)
found.owner = call(92, address(tmp), 0, 0)
found.ports = call(173, 0x70, 2, 1)
found.level = call(172, 3)
found.effective = /CapEff:\s+(\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    const { effective, ...calls } = report
    assert.equal(effective, '0000000000000000')
    assert.deepEqual([...new Set(Object.values(calls))], [-1])
  },
  ablated: {
    off: 'dropping of capabilities',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['capabilities'],
  },
}
