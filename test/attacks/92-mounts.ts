/**
 * Technique: mounts proc, a tmpfs and a bind of the root, takes away masks, pivots and changes its root, with real arguments.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no mount, umount, pivot_root, chroot or fsopen. Behind it: no capabilities: all of them need CAP_SYS_ADMIN or CAP_SYS_CHROOT.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '92-mounts',
  where: 'open',
  family: 'kernel',
  technique:
    'mounts proc, a tmpfs and a bind of the root, takes away masks, pivots and changes its root, with real arguments',
  stoppedBy: 'seccomp: no mount, umount, pivot_root, chroot or fsopen',
  behind: 'no capabilities: all of them need CAP_SYS_ADMIN or CAP_SYS_CHROOT',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const { call, address, text } = await attack.loadSystemCalls()
const found = {}
const [proc, tmpfs, root, tmp, mask, none] = ['proc', 'tmpfs', '/', '/tmp', '/proc/kcore', 'none'].map(text)
found.proc = call(165, address(proc), address(tmp), address(proc), 0, 0)
found.tmpfs = call(165, address(tmpfs), address(tmp), address(tmpfs), 0, 0)
found.bind = call(165, address(root), address(tmp), 0, 0x1000, 0)
found.writable = call(165, address(none), address(root), 0, 0x1020, 0)
found.unmask = call(166, address(mask), 2)
found.pivot = call(155, address(tmp), address(tmp))
found.chroot = call(161, address(tmp))
found.fsopen = call(430, address(tmpfs), 0)
found.tree = call(428, -100, address(root), 1)
let kcore = 0
try { kcore = fs.readFileSync('/proc/kcore').length } catch {}
found.masked = kcore === 0 ? -1 : kcore
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    assert.equal(Object.keys(report).length, 10)
    for (const [name, result] of Object.entries(report)) assert.ok(Number(result) < 0, name)
  },
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
  },
}
