/**
 * Technique: collects what identifies the host: environment, names, load, memory, devices.
 * Expected: platform_error(protocol).
 * Stopped by: constant environment and host name, masked files under /proc and /sys. Behind it: no network to send it to; the log is the submitter's own.
 * Without the masks of /proc and /sys: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '77-host-facts',
  where: 'open',
  family: 'neighbours',
  technique: 'collects what identifies the host: environment, names, load, memory, devices',
  stoppedBy: 'constant environment and host name, masked files under /proc and /sys',
  behind: "no network to send it to; the log is the submitter's own",
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import fs from 'node:fs'
import os from 'node:os'
const leaks = []
for (const file of ['version', 'loadavg', 'meminfo', 'uptime', 'cmdline', 'cpuinfo', 'stat', 'diskstats', 'interrupts', 'vmstat', 'modules', 'partitions', 'swaps', 'mdstat'])
  try { const text = fs.readFileSync('/proc/' + file, 'utf8'); if (text.length > 0) leaks.push(file) } catch {}
for (const folder of ['class', 'block', 'bus', 'devices', 'module', 'kernel', 'firmware', 'power'])
  try { if (fs.readdirSync('/sys/' + folder).length > 0) leaks.push('sys/' + folder) } catch {}
let interfaces = []
try { interfaces = Object.keys(os.networkInterfaces()) } catch {}
attack.report({ leaks, environment: Object.keys(process.env).sort(), hostname: os.hostname(), interfaces, user: process.getuid() })
process.exit(0)
`,
  check: ({ report }) => {
    assert.deepEqual(report, {
      leaks: [],
      environment: ['HOME', 'HOSTNAME', 'MALLOC_ARENA_MAX', 'PATH', 'TZ'],
      hostname: 'cell',
      interfaces: [],
      user: 65_534,
    })
  },
  ablated: {
    off: 'the masks of /proc and /sys',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['masks'],
    check: ({ report }) => {
      const { leaks, ...others } = report
      assert.ok((leaks as string[]).includes('loadavg'))
      assert.deepEqual(others, {
        environment: ['HOME', 'HOSTNAME', 'MALLOC_ARENA_MAX', 'PATH', 'TZ'],
        hostname: 'cell',
        interfaces: [],
        user: 65_534,
      })
    },
  },
}
