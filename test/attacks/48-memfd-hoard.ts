/**
 * Technique: hides its memory in memfd files, which belong to no file system that has a size.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: memfd_create is not in the list. Behind it: memory limit of the cgroup: the pages of a memfd count.
 * Without seccomp: limit_exceeded(memory).
 */
import assert from 'node:assert/strict'
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '48-memfd-hoard',
  where: 'open',
  family: 'resources',
  technique: 'hides its memory in memfd files, which belong to no file system that has a size',
  stoppedBy: 'seccomp: memfd_create is not in the list',
  behind: 'memory limit of the cgroup: the pages of a memfd count',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const { call, address, text } = await attack.loadSystemCalls()
const found = { memfd: call(319, address(text('hoard')), 0) }
if (found.memfd > 0) {
  const chunk = Buffer.alloc(2 ** 20, 1)
  for (let i = 0; ; i++) {
    // A file has an end (ulimit fsize), so there are many.
    const fd = call(319, address(text('hoard')), 0)
    for (let part = 0; part < 8; part++) fs.writeSync(fd, chunk)
  }
}
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(1),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'limit_exceeded', reason: 'memory' },
    engine: ['seccomp'],
    policy: { memoryBytes: 256 * 2 ** 20 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'kernel'),
  },
}
