/**
 * Technique: asks which pages of the shared image are in memory, drops them, and makes the host write out everything.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no mincore, cachestat, fadvise, readahead or sync. Behind it: the kernel answers mincore only for files that one owns or may write.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '109-page-cache',
  where: 'open',
  family: 'neighbours',
  technique: 'asks which pages of the shared image are in memory, drops them, and makes the host write out everything',
  stoppedBy: 'seccomp: no mincore, cachestat, fadvise, readahead or sync',
  behind: 'the kernel answers mincore only for files that one owns or may write',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const { call, address } = await attack.loadSystemCalls()
const found = {}
const fd = fs.openSync('/node', 'r')
const range = Buffer.alloc(16)
range.writeBigUInt64LE(4096n, 8)
found.mapped = call(27, call(9, 0, 4096, 1, 2, fd, 0), 4096, address(Buffer.alloc(8)))
found.stat = call(451, fd, address(range), address(Buffer.alloc(40)), 0)
found.drop = call(221, fd, 0, 0, 4)
found.ahead = call(187, fd, 0, 1 << 20)
found.sync = call(306, fd)
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(5),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => assert.ok(Number(report['stat']) < 0),
  },
}
