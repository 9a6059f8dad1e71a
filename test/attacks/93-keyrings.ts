/**
 * Technique: keeps keys in the kernel, where other cells of the same user would find them.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no add_key, request_key or keyctl. Behind it: /proc/keys is masked.
 * Single layer: the kernel counts and shares keyrings by user, who is the same in every cell: only the list keeps them apart.
 */
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '93-keyrings',
  where: 'open',
  family: 'kernel',
  technique: 'keeps keys in the kernel, where other cells of the same user would find them',
  stoppedBy: 'seccomp: no add_key, request_key or keyctl',
  behind: '/proc/keys is masked',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call, address, text } = await attack.loadSystemCalls()
const found = {}
const [type, name, value] = ['user', 'hotcell-escape', 'payload'].map(text)
found.add = call(248, address(type), address(name), address(value), 7, -4)
found.session = call(250, 1, address(name))
found.request = call(249, address(type), address(name), 0, -4)
found.read = call(250, 11, -4, address(value), 7)
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(4),
  singleLayer:
    'the kernel counts and shares keyrings by user, who is the same in every cell: only the list keeps them apart',
}
