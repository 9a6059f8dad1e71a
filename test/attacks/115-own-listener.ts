/**
 * Technique: listens on every address, for a partner to come in.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no socket call at all. Behind it: network none: nobody reaches its loopback.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '115-own-listener',
  where: 'open',
  family: 'network',
  technique: 'listens on every address, for a partner to come in',
  stoppedBy: 'seccomp: no socket call at all',
  behind: 'network none: nobody reaches its loopback',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
import net from 'node:net'
const found = {}
found.listening = await new Promise((done) => { const server = net.createServer(); server.on('error', (error) => done(error.code)); server.listen(0, '0.0.0.0', () => done('open')) })
found.interfaces = fs.readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2).filter(Boolean).map((line) => line.split(':')[0].trim()).join()
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report, { listening: 'EPERM', interfaces: 'lo' }),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => assert.deepEqual(report, { listening: 'open', interfaces: 'lo' }),
  },
}
