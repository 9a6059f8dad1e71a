/**
 * Technique: loads a BPF map and counts events of every process on a core, with real arguments.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no bpf or perf_event_open. Behind it: no capabilities: the kernel gives neither without CAP_BPF and CAP_PERFMON.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '94-bpf-and-perf',
  where: 'open',
  family: 'kernel',
  technique: 'loads a BPF map and counts events of every process on a core, with real arguments',
  stoppedBy: 'seccomp: no bpf or perf_event_open',
  behind: 'no capabilities: the kernel gives neither without CAP_BPF and CAP_PERFMON',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call, address } = await attack.loadSystemCalls()
const found = {}
const map = Buffer.alloc(72)
map.writeUInt32LE(2, 0); map.writeUInt32LE(4, 4); map.writeUInt32LE(8, 8); map.writeUInt32LE(1, 12)
const event = Buffer.alloc(128)
event.writeUInt32LE(0, 0); event.writeUInt32LE(128, 4)
found.map = call(321, 0, address(map), 72)
found.core = call(298, address(event), -1, 0, -1, 0)
found.init = call(298, address(event), 2, -1, -1, 0)
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    assert.equal(Object.keys(report).length, 3)
    for (const [name, result] of Object.entries(report)) assert.ok(Number(result) < 0, name)
  },
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
  },
}
