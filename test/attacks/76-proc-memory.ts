/**
 * Technique: reads and writes process memory, descriptors and kernel files through /proc. Its own memory it may read: it is the attacker already.
 * Expected: platform_error(protocol).
 * Stopped by: private pid name space: there is no other process to reach. Behind it: ptrace access rules, masked paths, no capabilities.
 * Without the private pid name space: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '76-proc-memory',
  where: 'open',
  family: 'neighbours',
  technique: 'reads and writes process memory, descriptors and kernel files through /proc',
  stoppedBy: 'private pid name space: there is no other process to reach',
  behind: 'ptrace access rules, masked paths, no capabilities',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import fs from 'node:fs'
const pids = fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))
const readable = []
for (const file of ['/proc/kcore', '/proc/kmsg', '/proc/kallsyms', '/proc/keys', '/proc/iomem', '/proc/sched_debug', '/proc/timer_list', '/proc/1/root/etc/shadow',
  '/proc/self/root/etc/shadow', '/proc/1/cwd/etc/passwd', '/proc/sysrq-trigger', '/sys/kernel/debug/x', '/sys/firmware/dmi/tables/DMI', '/proc/self/stack', '/proc/self/pagemap.bin', '/proc/self/syscall.bin']) {
  try { if (fs.readFileSync(file).some((byte) => byte !== 0)) readable.push(file) } catch {}
}
let own = 'no'
try {
  const start = parseInt(fs.readFileSync('/proc/1/maps', 'utf8').split('-')[0], 16)
  const bytes = Buffer.alloc(4)
  fs.readSync(fs.openSync('/proc/1/mem', 'r'), bytes, 0, 4, start)
  own = bytes.toString('latin1', 1, 4)
} catch (error) { own = error.code }
let jumped = 'no'
try { fs.readFileSync('/proc/2/mem'); jumped = 'yes' } catch (error) { jumped = error.code }
attack.report({ pids, self: process.pid, readable, own, jumped })
process.exit(0)
`,
  check: ({ report }) => {
    assert.deepEqual(report['pids'], ['1'])
    assert.equal(report['self'], 1)
    assert.deepEqual(report['readable'], [])
    assert.equal(report['jumped'], 'ENOENT')
  },
  ablated: {
    off: 'the private pid name space',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['pids'],
    check: ({ report }) => {
      assert.ok((report['pids'] as string[]).length > 1)
      assert.deepEqual(report['readable'], [])
      assert.equal(report['own'], 'EACCES')
      assert.equal(report['jumped'], 'EACCES')
    },
  },
}
