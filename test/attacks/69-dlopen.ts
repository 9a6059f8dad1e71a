/**
 * Technique: drops a native addon in /tmp and loads it into the process.
 * Expected: platform_error(protocol).
 * Stopped by: /tmp is mounted noexec: nothing of it can be mapped as code. Behind it: native code has no more rights: seccomp, no capabilities, uid 65534.
 * Without noexec on /tmp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '69-dlopen',
  where: 'open',
  family: 'integrity',
  technique: 'drops a native addon in /tmp and loads it into the process',
  stoppedBy: '/tmp is mounted noexec: nothing of it can be mapped as code',
  behind: 'native code has no more rights: seccomp, no capabilities, uid 65534',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
import { spawnSync } from 'node:child_process'
fs.writeFileSync('/tmp/addon.node', fs.readFileSync('/app/isolated-vm.node'))
const found = {}
try { process.dlopen({ exports: {} }, '/tmp/addon.node'); found.loaded = true } catch (error) { found.loaded = /failed to map segment|cannot open shared/.test(error.message) ? 'not mapped' : error.message }
found.child = spawnSync('/node', ['-v']).error?.code
try { fs.writeFileSync('/hotcell-escape', 'x'); found.root = 'written' } catch (error) { found.root = error.code }
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report, { loaded: 'not mapped', child: 'EPERM', root: 'EROFS' }),
  ablated: {
    off: 'noexec on /tmp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['exec'],
    check: ({ report }) => assert.deepEqual(report, { loaded: true, child: 'EPERM', root: 'EROFS' }),
  },
}
