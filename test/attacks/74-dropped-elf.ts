/**
 * Technique: drops an executable in /tmp and executes it, also through memfd.
 * Expected: platform_error(protocol).
 * Stopped by: /tmp is mounted noexec; memfd_create and execveat are not allowed. Behind it: no child process can exist; no-new-privileges; the filter is inherited.
 * Without noexec on /tmp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '74-dropped-elf',
  where: 'open',
  family: 'kernel',
  technique: 'drops an executable in /tmp and executes it, also through memfd',
  stoppedBy: '/tmp is mounted noexec; memfd_create and execveat are not allowed',
  behind: 'no child process can exist; no-new-privileges; the filter is inherited',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import fs from 'node:fs'
import { spawnSync } from 'node:child_process'
// The smallest ELF that exits with 42.
const elf = Buffer.from('7f454c4602010100000000000000000002003e0001000000780040000000000040000000000000000000000000000000000000004000380001000000000000000100000005000000000000000000000000004000000000000000400000000000840000000000000084000000000000000010000000000000b83c000000bf2a0000000f05', 'hex')
fs.writeFileSync('/tmp/dropped', elf, { mode: 0o755 })
const { call } = await attack.loadSystemCalls()
let mapped = 'not tried'
const fd = fs.openSync('/tmp/dropped', 'r')
mapped = call(9, 0, 4096, 5, 2, fd, 0)
attack.report({ spawned: spawnSync('/tmp/dropped').error?.code, memfd: call(319, 0, 0), execveat: call(322, fd, 0, 0, 0, 0x1000), mapped })
// Replaces the process, so that no child is needed.
process.execve('/tmp/dropped', ['/tmp/dropped'], {})
`,
  check: ({ end, report }) => {
    assert.deepEqual(report, { spawned: 'EPERM', memfd: -1, execveat: -1, mapped: -1 })
    assert.notEqual(end.outcome.exitCode, 42)
  },
  ablated: {
    off: 'noexec on /tmp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['exec'],
    check: ({ end, report }) => {
      // It runs, with all that holds for the cell
      const { mapped, ...others } = report
      assert.deepEqual(others, { spawned: 'EPERM', memfd: -1, execveat: -1 })
      assert.ok(Number(mapped) > 0)
      assert.equal(end.outcome.exitCode, 42)
    },
  },
}
