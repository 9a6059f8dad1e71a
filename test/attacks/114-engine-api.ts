/**
 * Technique: looks for the API of the engine: sockets in the file system, and ports on every address that could be the host.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no socket call at all. Behind it: network none, and no socket of the engine is mounted.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '114-engine-api',
  where: 'open',
  family: 'network',
  technique:
    'looks for the API of the engine: sockets in the file system, and ports on every address that could be the host',
  stoppedBy: 'seccomp: no socket call at all',
  behind: 'network none, and no socket of the engine is mounted',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
const { call, address } = await attack.loadSystemCalls()
const found = {}
const connect = (host, port) => {
  const socket = call(41, 2, 1 | 0o4000, 0)
  if (socket < 0) return socket
  const place = Buffer.alloc(16)
  place.writeUInt16LE(2, 0); place.writeUInt16BE(port, 2)
  host.split('.').forEach((part, i) => place.writeUInt8(Number(part), 4 + i))
  return call(42, socket, address(place), 16)
}
import net from 'node:net'
const files = ['/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock', '/run/crio/crio.sock', '/tmp/docker.sock']
found.files = files.filter((path) => fs.existsSync(path))
found.open = []
await Promise.all(files.map((path) => new Promise((done) => net.connect(path).on('connect', () => { found.open.push(path); done() }).on('error', done))))
for (const host of ['127.0.0.1', '172.17.0.1', '10.0.2.2'])
  for (const port of [2375, 2376]) if (connect(host, port) === 0) found.open.push(host + ':' + port)
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report, { files: [], open: [] }),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
  },
}
