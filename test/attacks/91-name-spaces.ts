/**
 * Technique: makes name spaces of its own, above all a user name space in which it would be root, and enters others.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no unshare, setns or clone with name space flags. Behind it: no capabilities and no child; a user name space gives rights over nothing that the cell does not own.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import { type CellAttack, EPERM, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '91-name-spaces',
  where: 'open',
  family: 'kernel',
  technique: 'makes name spaces of its own, above all a user name space in which it would be root, and enters others',
  stoppedBy: 'seccomp: no unshare, setns or clone with name space flags',
  behind: 'no capabilities and no child; a user name space gives rights over nothing that the cell does not own',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const { call, address, text } = await attack.loadSystemCalls()
const found = {}
// What a child with one thread can do: its results are the codes with which it exits.
const inChild = (...calls) => {
  const child = call(57)
  if (child === 0) { let code = 0; for (const one of calls) { const result = call(...one); code = result < 0 ? -result : 0 } call(231, code) }
  if (child < 0) return child
  const status = Buffer.alloc(4)
  call(61, child, address(status), 0, 0)
  return status[0] === 0 ? -status[1] : -1000 - status[0]
}
const name = text('hotcell-escape')
const none = text('none')
const root = text('/')
found.mount = call(272, 0x20000)
found.network = call(272, 0x40000000)
found.pids = call(272, 0x20000000)
found.host = call(272, 0x04000000)
found.enter = call(308, fs.openSync('/proc/1/ns/net', 'r'), 0)
found.user = inChild([272, 0x10000000])
found.rootMount = inChild([272, 0x10000000], [165, address(none), address(root), 0, 0x40000, 0])
found.rootName = inChild([272, 0x10000000], [170, address(name), 14])
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(8, [EPERM]),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      for (const name of ['mount', 'network', 'pids', 'host', 'enter']) assert.ok(Number(report[name]) < 0, name)
      // Root of its own user name space may be, of the host's not
      assert.ok(Number(report['rootMount']) < 0)
      assert.ok(Number(report['rootName']) < 0)
    },
  },
}
