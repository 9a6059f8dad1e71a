/**
 * Technique: writes to the control groups: release_agent, notify_on_release, its own limits, the list of processes.
 * Expected: platform_error(protocol).
 * Stopped by: uid 65534 owns nothing there. Behind it: /sys/fs/cgroup is mounted read-only.
 * Without uid 65534 (root instead): platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '102-cgroup-escape',
  where: 'open',
  family: 'kernel',
  technique: 'writes to the control groups: release_agent, notify_on_release, its own limits, the list of processes',
  stoppedBy: 'uid 65534 owns nothing there',
  behind: '/sys/fs/cgroup is mounted read-only',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const written = []
const seen = []
const walk = (folder, depth) => {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const path = folder + '/' + entry.name
    if (entry.isDirectory() && depth < 2) walk(path, depth + 1)
    else if (/^(release_agent|notify_on_release|cgroup\.procs|tasks|devices\.allow|memory\.limit_in_bytes|memory\.max|pids\.max|cpu\.max|cpu\.cfs_quota_us|cgroup\.subtree_control)$/.test(entry.name)) {
      seen.push(path)
      try { fs.writeFileSync(path, '0', { flag: 'r+' }); written.push(path) } catch {}
    }
  }
}
walk('/sys/fs/cgroup', 0)
for (const act of [() => fs.mkdirSync('/sys/fs/cgroup/hotcell-escape'), () => fs.mkdirSync('/sys/fs/cgroup/memory/hotcell-escape')])
  try { act(); written.push('folder') } catch {}
attack.report({ written, seen: seen.length })
process.exit(0)
`,
  check: ({ report }) => {
    assert.deepEqual(report['written'], [])
    assert.ok(Number(report['seen']) > 3)
  },
  ablated: {
    off: 'uid 65534 (root instead)',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['user'],
  },
}
