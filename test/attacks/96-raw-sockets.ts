/**
 * Technique: opens sockets that see or make whole packets and change the network: raw, packet, netlink.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no socket call at all. Behind it: no capabilities: raw and packet sockets need CAP_NET_RAW, changes by netlink CAP_NET_ADMIN.
 * Without seccomp: platform_error(protocol).
 */
import { type CellAttack, EPERM, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '96-raw-sockets',
  where: 'open',
  family: 'kernel',
  technique: 'opens sockets that see or make whole packets and change the network: raw, packet, netlink',
  stoppedBy: 'seccomp: no socket call at all',
  behind: 'no capabilities: raw and packet sockets need CAP_NET_RAW, changes by netlink CAP_NET_ADMIN',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call, address } = await attack.loadSystemCalls()
const found = {}
found.raw = call(41, 2, 3, 1)
found.raw6 = call(41, 10, 3, 58)
found.packet = call(41, 17, 3, 0x0300)
const link = call(41, 16, 3, 0)
// RTM_NEWLINK of a dummy interface
const message = Buffer.alloc(32)
message.writeUInt32LE(32, 0); message.writeUInt16LE(16, 4); message.writeUInt16LE(0x605, 6)
const answer = Buffer.alloc(64)
if (link >= 0) { call(44, link, address(message), 32, 0, 0, 0); call(45, link, address(answer), 64, 0, 0, 0) }
found.link = link < 0 ? link : answer.readInt32LE(16)
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(4, [EPERM]),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
  },
}
