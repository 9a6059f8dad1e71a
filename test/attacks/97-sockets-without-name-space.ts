/**
 * Technique: opens sockets of families that know no network name space: vsock to the hypervisor, the crypto interface of the kernel, Bluetooth, NFC, CAN.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no socket call at all. Behind it: modules that nobody loads.
 * Single layer: these families reach past every network name space: only the list keeps them away.
 */
import { type CellAttack, EPERM, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '97-sockets-without-name-space',
  where: 'open',
  family: 'kernel',
  technique:
    'opens sockets of families that know no network name space: vsock to the hypervisor, the crypto interface of the kernel, Bluetooth, NFC, CAN',
  stoppedBy: 'seccomp: no socket call at all',
  behind: 'modules that nobody loads',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call, address } = await attack.loadSystemCalls()
const found = {}
for (const [name, family, kind] of [['vsock', 40, 1], ['crypto', 38, 5], ['bluetooth', 31, 3], ['nfc', 39, 5], ['can', 29, 3], ['tipc', 30, 5], ['rds', 21, 5], ['xdp', 44, 3], ['smc', 43, 1], ['pair', 1, 1]])
  found[name] = name === 'pair' ? call(53, family, kind, 0, address(Buffer.alloc(8))) : call(41, family, kind, 0)
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(10, [EPERM]),
  singleLayer: 'these families reach past every network name space: only the list keeps them away',
}
