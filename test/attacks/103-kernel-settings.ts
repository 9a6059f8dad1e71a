/**
 * Technique: writes kernel settings through /proc/sys, /sys and sysrq: core pattern, module loader, host name, memory.
 * Expected: platform_error(protocol).
 * Stopped by: /proc/sys and /sys are read-only for the cell. Behind it: they belong to root, and the cell is nobody.
 * Without masked and read-only paths: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '103-kernel-settings',
  where: 'open',
  family: 'kernel',
  technique: 'writes kernel settings through /proc/sys, /sys and sysrq: core pattern, module loader, host name, memory',
  stoppedBy: '/proc/sys and /sys are read-only for the cell',
  behind: 'they belong to root, and the cell is nobody',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const written = []
for (const file of ['/proc/sys/kernel/core_pattern', '/proc/sys/kernel/modprobe', '/proc/sys/kernel/hostname', '/proc/sys/vm/overcommit_memory', '/proc/sys/vm/drop_caches', '/proc/sys/net/ipv4/ip_forward',
  '/proc/sys/fs/file-max', '/proc/sys/fs/binfmt_misc/register', '/proc/sysrq-trigger', '/proc/irq/default_smp_affinity', '/proc/bus/pci', '/sys/kernel/uevent_helper', '/sys/kernel/mm/transparent_hugepage/enabled',
  '/sys/power/state', '/sys/module/kernel/parameters/panic', '/proc/self/uid_map', '/proc/self/gid_map', '/proc/self/setgroups'])
  try { fs.writeFileSync(file, '0', { flag: 'r+' }); written.push(file) } catch {}
attack.report({ written })
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report['written'], []),
  ablated: {
    off: 'masked and read-only paths',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['masks'],
  },
}
