/**
 * Technique: becomes root: setuid, setgid, setgroups, capset, ambient capabilities, securebits, dumpable.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no call that changes who it is. Behind it: no capabilities to change with, and no-new-privileges.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '99-identity',
  where: 'open',
  family: 'kernel',
  technique: 'becomes root: setuid, setgid, setgroups, capset, ambient capabilities, securebits, dumpable',
  stoppedBy: 'seccomp: no call that changes who it is',
  behind: 'no capabilities to change with, and no-new-privileges',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const { call, address } = await attack.loadSystemCalls()
const found = {}
found.uid = call(105, 0)
found.gid = call(106, 0)
found.groups = call(116, 1, address(Buffer.alloc(4)))
found.all = call(117, 0, 0, 0)
const header = Buffer.alloc(8)
header.writeUInt32LE(0x20080522, 0)
found.capset = call(126, address(header), address(Buffer.alloc(24, 0xff)))
found.ambient = call(157, 47, 2, 21, 0, 0)
found.bounding = call(157, 24, 21, 0, 0, 0)
found.securebits = call(157, 28, 1, 0, 0, 0)
const status = fs.readFileSync('/proc/self/status', 'utf8')
found.now = /Uid:\s+(\d+)/.exec(status)[1] + ' ' + /CapEff:\s+(\w+)/.exec(status)[1]
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    const { now, ...calls } = report
    assert.equal(now, '65534 0000000000000000')
    assert.deepEqual([...new Set(Object.values(calls))], [-1])
    assert.equal(Object.keys(calls).length, 8)
  },
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      for (const name of ['uid', 'gid', 'groups', 'all', 'capset', 'ambient', 'bounding', 'securebits'])
        assert.ok(Number(report[name]) < 0, name)
      assert.equal(report['now'], '65534 0000000000000000')
    },
  },
}
