/**
 * Technique: asks the metadata services of clouds for the credentials of the machine.
 * Expected: platform_error(protocol).
 * Stopped by: network none: there is no way out of the cell. Behind it: seccomp: no socket call at all.
 * Without network none (a bridge of its own instead): platform_error(protocol).
 */
import { type CellAttack, EPERM, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '112-metadata',
  where: 'open',
  family: 'network',
  technique: 'asks the metadata services of clouds for the credentials of the machine',
  stoppedBy: 'network none: there is no way out of the cell',
  behind: 'seccomp: no socket call at all',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call, address } = await attack.loadSystemCalls()
const found = {}
const connect = (host, port) => {
  const socket = call(41, 2, 1 | 0o4000, 0)
  if (socket < 0) return socket
  const place = Buffer.alloc(16)
  place.writeUInt16LE(2, 0); place.writeUInt16BE(port, 2)
  host.split('.').forEach((part, i) => place.writeUInt8(Number(part), 4 + i))
  return call(42, socket, address(place), 16)
}
for (const [name, host] of [['aws', '169.254.169.254'], ['ecs', '169.254.170.2'], ['alibaba', '100.100.100.200'], ['oracle', '192.0.0.192']]) found[name] = connect(host, 80)
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(4, [EPERM]),
  ablated: {
    off: 'network none (a bridge of its own instead)',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['network'],
  },
}
