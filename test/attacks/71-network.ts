/**
 * Technique: connects, listens, resolves and sends datagrams, to the host, its engine, the metadata service and the world.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: there is no socket call at all. Behind it: network none: only a loopback interface exists, and no engine socket is mounted.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '71-network',
  where: 'open',
  family: 'network',
  technique:
    'connects, listens, resolves and sends datagrams, to the host, its engine, the metadata service and the world',
  stoppedBy: 'seccomp: there is no socket call at all',
  behind: 'network none: only a loopback interface exists, and no engine socket is mounted',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import dgram from 'node:dgram'
import dns from 'node:dns/promises'
import http from 'node:http'
import inspector from 'node:inspector'
import net from 'node:net'
const open = []
const codes = new Set()
const note = (name) => (error) => codes.add(error?.code ?? String(error?.message ?? error).slice(0, 60))
const tries = []
const connect = (name, options) => tries.push(new Promise((done) => {
  try {
    const socket = net.connect({ timeout: 1500, ...options })
    socket.on('connect', () => { open.push(name); done() })
    socket.on('timeout', () => { codes.add('timeout'); socket.destroy(); done() })
    socket.on('error', (error) => { note(name)(error); done() })
  } catch (error) { note(name)(error); done() }
}))
for (const host of ['127.0.0.1', '::1', '172.17.0.1', '169.254.169.254', '10.0.0.1', '1.1.1.1'])
  for (const port of [22, 80, 2375, 6379, 27017]) connect(host + ':' + port, { host, port })
for (const path of ['/var/run/docker.sock', '/run/containerd/containerd.sock', '\0abstract']) connect(path, { path })
tries.push(new Promise((done) => { try { http.createServer().on('error', (e) => { note('listen')(e); done() }).listen(0, () => { open.push('listen'); done() }) } catch (e) { note('listen')(e); done() } }))
tries.push(new Promise((done) => { try { const s = dgram.createSocket('udp4'); s.on('error', (e) => { note('udp')(e); done() }); s.send('x', 53, '1.1.1.1', (e) => { if (!e) open.push('udp'); else note('udp')(e); done() }) } catch (e) { note('udp')(e); done() } }))
tries.push(dns.lookup('example.com').then(() => open.push('lookup'), note('lookup')))
tries.push(new dns.Resolver({ timeout: 1000, tries: 1 }).resolve4('example.com').then(() => open.push('resolve'), note('resolve')))
try { inspector.open(0, '127.0.0.1'); if (inspector.url() !== undefined) open.push('inspector') } catch (error) { note('inspector')(error) }
await Promise.race([Promise.allSettled(tries), new Promise((done) => setTimeout(done, 5000))])
attack.report({ open, codes: [...codes].sort() })
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report['open'], []),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      for (const what of report['open'] as string[]) assert.ok(['inspector', 'listen'].includes(what), what)
    },
  },
}
