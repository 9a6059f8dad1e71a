/**
 * Technique: tries to write everywhere.
 * Expected: platform_error(protocol).
 * Stopped by: read-only root; /tmp is the only writable mount. Behind it: nothing of the host is mounted; uid 65534 owns nothing.
 * Without the read-only root: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '70-file-write',
  where: 'open',
  family: 'kernel',
  technique: 'tries to write everywhere',
  stoppedBy: 'read-only root; /tmp is the only writable mount',
  behind: 'nothing of the host is mounted; uid 65534 owns nothing',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import fs from 'node:fs'
const written = []
const codes = new Set()
const folders = ['/', '/app', '/etc', '/var', '/var/tmp', '/usr', '/home', '/root', '/dev', '/dev/shm', '/dev/mqueue', '/dev/pts', '/proc', '/proc/self',
  '/proc/sys/kernel', '/sys', '/sys/fs/cgroup', '/sys/fs/cgroup/memory', '/sys/fs/cgroup/pids', '/run', '/mnt', '/opt', '/tmp']
for (const folder of folders) {
  try { fs.writeFileSync(folder + '/hotcell-escape', 'x'); written.push(folder) } catch (error) { codes.add(error.code) }
  try { fs.mkdirSync(folder + '/hotcell-escape-dir'); written.push(folder + ' (dir)') } catch (error) { codes.add(error.code) }
}
for (const file of ['/node', '/app/main.mjs', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger',
  '/proc/self/uid_map', '/proc/self/attr/current', '/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/pids/pids.max', '/sys/fs/cgroup/cgroup.procs',
  '/sys/fs/cgroup/memory/release_agent', '/proc/1/oom_score_adj', '/dev/kmsg', '/dev/mem', '/dev/sda', '/dev/fuse', '/dev/kvm', '/dev/net/tun', '/dev/tty']) {
  try { fs.appendFileSync(file, 'x', { flag: fs.constants.O_WRONLY | fs.constants.O_APPEND }); written.push(file) } catch (error) { codes.add(error.code) }
}
for (const [name, act] of [
  ['symlink', () => fs.symlinkSync('/etc/passwd', '/tmp/link')],
  ['chmod', () => fs.chmodSync('/tmp/hotcell-escape', 0o4755)],
  ['rename', () => fs.renameSync('/tmp/hotcell-escape', '/tmp/other')],
  ['link', () => fs.linkSync('/node', '/tmp/node')],
])
  try { act(); written.push(name) } catch (error) { codes.add(error.code) }
attack.report({ written, codes: [...codes].sort() })
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report['written'], ['/tmp']),
  ablated: {
    off: 'the read-only root',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['root'],
  },
}
