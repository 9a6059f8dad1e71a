/**
 * Technique: opens files and pipes until no descriptor is left.
 * Expected: platform_error(protocol).
 * Stopped by: ulimit nofile. Behind it: pids and memory limit.
 * Single layer: the engine gives no cell more descriptors than it has itself, so the limit cannot be taken away, only moved.
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '09-descriptor-bomb',
  where: 'open',
  family: 'resources',
  technique: 'opens files and pipes until no descriptor is left',
  stoppedBy: 'ulimit nofile',
  behind: 'pids and memory limit',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import fs from 'node:fs'
let opened = 0
let code
try { for (;;) { fs.openSync('/app/main.mjs', 'r'); opened++ } } catch (error) { code = error.code }
attack.report({ opened, code })
process.exit(0)
`,
  check: ({ report }) => {
    assert.ok(Number(report['opened']) < 512)
    assert.equal(report['code'], 'EMFILE')
  },
  singleLayer:
    'the engine gives no cell more descriptors than it has itself, so the limit cannot be taken away, only moved',
}
