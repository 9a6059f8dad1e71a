/**
 * Technique: leaves messages for other cells in /dev/shm and /dev/mqueue.
 * Expected: platform_error(protocol).
 * Stopped by: IPC none: there is no /dev/shm, and /dev/mqueue is masked. Behind it: an IPC name space of its own.
 * Without IPC none (a private one instead): platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '108-shared-memory-files',
  where: 'open',
  family: 'neighbours',
  technique: 'leaves messages for other cells in /dev/shm and /dev/mqueue',
  stoppedBy: 'IPC none: there is no /dev/shm, and /dev/mqueue is masked',
  behind: 'an IPC name space of its own',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const found = {}
for (const [name, path] of [['shm', '/dev/shm/hotcell-escape'], ['queue', '/dev/mqueue/hotcell-escape']])
  try { fs.writeFileSync(path, 'x'); found[name] = 'written' } catch (error) { found[name] = error.code }
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    assert.notEqual(report['shm'], 'written')
    assert.notEqual(report['queue'], 'written')
  },
  ablated: {
    off: 'IPC none (a private one instead)',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['ipc'],
    check: ({ report }) => assert.notEqual(report['queue'], 'written'),
  },
}
