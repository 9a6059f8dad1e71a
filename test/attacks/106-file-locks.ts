/**
 * Technique: locks and leases the files of the image, which all cells read, so that others would wait.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no flock, and of fcntl only what sets up descriptors. Behind it: each cell has an overlay of its own over the image; the files are read-only.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '106-file-locks',
  where: 'open',
  family: 'neighbours',
  technique: 'locks and leases the files of the image, which all cells read, so that others would wait',
  stoppedBy: 'seccomp: no flock, and of fcntl only what sets up descriptors',
  behind: 'each cell has an overlay of its own over the image; the files are read-only',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const { call, address } = await attack.loadSystemCalls()
const found = {}
const fd = fs.openSync('/node', 'r')
const lock = Buffer.alloc(32)
lock.writeInt16LE(1, 0)
found.flock = call(73, fd, 2 | 4)
found.writeLock = call(72, fd, 6, address(lock))
found.ownerLock = call(72, fd, 37, address(lock))
found.lease = call(72, fd, 1024, 1)
found.notify = call(72, fd, 1026, 2)
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(5),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => assert.ok(Number(report['writeLock']) < 0),
  },
}
