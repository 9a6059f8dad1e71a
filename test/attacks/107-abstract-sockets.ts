/**
 * Technique: meets other cells at an abstract socket, which needs no file system.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no socket call at all. Behind it: a network name space of its own, in which the name is nobody else's.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '107-abstract-sockets',
  where: 'open',
  family: 'neighbours',
  technique: 'meets other cells at an abstract socket, which needs no file system',
  stoppedBy: 'seccomp: no socket call at all',
  behind: `a network name space of its own, in which the name is nobody else's`,
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call, address } = await attack.loadSystemCalls()
const found = {}
const name = Buffer.concat([Buffer.from([1, 0, 0]), Buffer.from('hotcell-escape')])
const peer = Buffer.concat([Buffer.from([1, 0, 0]), Buffer.from('/containerd-shim/hotcell.sock')])
const socket = call(41, 1, 1, 0)
found.socket = Math.min(socket, 0)
found.bind = socket < 0 ? socket : call(49, socket, address(name), name.length)
found.peer = socket < 0 ? socket : call(42, call(41, 1, 1, 0), address(peer), peer.length)
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(3),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      assert.ok(Number(report['bind']) === 0)
      assert.equal(report['peer'], -111)
    },
  },
}
