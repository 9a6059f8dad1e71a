/**
 * Technique: fills /tmp with bytes and then with empty files.
 * Expected: platform_error(protocol).
 * Stopped by: size and inode limit of the tmpfs. Behind it: file size ulimit; tmpfs pages count as memory of the cell.
 * Without the size limits of the tmpfs: limit_exceeded(memory).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '08-tmp-bomb',
  where: 'open',
  family: 'resources',
  technique: 'fills /tmp with bytes and then with empty files',
  stoppedBy: 'size and inode limit of the tmpfs',
  behind: 'file size ulimit; tmpfs pages count as memory of the cell',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import fs from 'node:fs'
let bytes = 0
let files = 0
const codes = []
const chunk = Buffer.alloc(2 ** 20, 1)
try { for (;;) { fs.writeFileSync('/tmp/fill-' + bytes, chunk); bytes++ } } catch (error) { codes.push(error.code) }
// No call that removes a file is allowed, so they are emptied
for (const name of fs.readdirSync('/tmp')) fs.closeSync(fs.openSync('/tmp/' + name, 'w'))
try { for (;;) { fs.closeSync(fs.openSync('/tmp/empty-' + files, 'w')); files++ } } catch (error) { codes.push(error.code) }
attack.report({ mebibytes: bytes, files, codes })
process.exit(0)
`,
  check: ({ report }) => {
    assert.ok(Number(report['mebibytes']) <= 16)
    assert.ok(Number(report['files']) <= 1024)
    assert.deepEqual(report['codes'], ['ENOSPC', 'ENOSPC'])
  },
  ablated: {
    off: 'the size limits of the tmpfs',
    expect: { kind: 'limit_exceeded', reason: 'memory' },
    policy: { tmpfsBytes: 2 ** 30, tmpfsInodes: 65_536, memoryBytes: 256 * 2 ** 20 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'kernel'),
  },
}
