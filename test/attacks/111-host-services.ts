/**
 * Technique: connects to a service that really listens on the host: by loopback, by the gateway of the bridge and by broadcast.
 * Expected: platform_error(protocol).
 * Stopped by: network none: there is no way out of the cell. Behind it: seccomp: no socket call at all.
 * Without network none (a bridge of its own instead): platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '111-host-services',
  where: 'open',
  family: 'network',
  technique:
    'connects to a service that really listens on the host: by loopback, by the gateway of the bridge and by broadcast',
  stoppedBy: 'network none: there is no way out of the cell',
  behind: 'seccomp: no socket call at all',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
import net from 'node:net'
import dgram from 'node:dgram'
const { hostPort } = attack.header.config.args
const routes = fs.readFileSync('/proc/net/route', 'utf8').split('\n').slice(1).map((line) => line.split('\t')[2]).filter((hex) => hex && hex !== '00000000')
const gateways = routes.map((hex) => hex.match(/../g).reverse().map((pair) => parseInt(pair, 16)).join('.'))
const codes = new Set()
await Promise.all(['127.0.0.1', '::1', '172.17.0.1', '172.18.0.1', ...gateways].map((host) => new Promise((done) => {
  const socket = net.connect({ host, port: hostPort, timeout: 1500 })
  const end = (code) => { codes.add(code); socket.destroy(); done() }
  socket.on('connect', () => end('open')).on('timeout', () => end('timeout')).on('error', (error) => end(error.code))
})))
try { const socket = dgram.createSocket('udp4'); socket.on('error', () => {}); socket.send('x', hostPort, '255.255.255.255', () => {}) } catch {}
attack.report({ codes: [...codes] })
process.exit(0)
`,
  check: ({ report, connections }) => {
    assert.equal(connections, 0)
    assert.ok(!(report['codes'] as string[]).includes('open'))
  },
  ablated: {
    off: 'network none (a bridge of its own instead)',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['network'],
  },
}
