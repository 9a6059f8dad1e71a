/**
 * Technique: sets the clock and the name of the machine, restarts it, loads modules and another kernel, reads its log.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: none of these calls is in the list. Behind it: no capabilities: each needs one of its own.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '104-machine',
  where: 'open',
  family: 'kernel',
  technique: 'sets the clock and the name of the machine, restarts it, loads modules and another kernel, reads its log',
  stoppedBy: 'seccomp: none of these calls is in the list',
  behind: 'no capabilities: each needs one of its own',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call, address, text } = await attack.loadSystemCalls()
const found = {}
const now = Buffer.alloc(16)
now.writeBigInt64LE(BigInt(Math.trunc(Date.now() / 1000)), 0)
const name = text('hotcell-escape')
const module = Buffer.from('7f454c46', 'hex')
found.clock = call(164, address(now), 0)
found.clock2 = call(227, 0, address(now))
found.name = call(170, address(name), 14)
found.domain = call(171, address(name), 14)
// What control-alt-delete does: the gentlest of its commands
found.reboot = call(169, 0xfee1dead, 672274793, 0, 0)
found.module = call(175, address(module), 4, address(Buffer.alloc(1)))
found.kernel = call(246, 0, 0, 0, 0)
found.log = call(103, 5, 0, 0)
found.account = call(163, 0)
found.swap = call(168, address(name))
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    assert.equal(Object.keys(report).length, 10)
    for (const [name, result] of Object.entries(report)) assert.ok(Number(result) < 0, name)
  },
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
  },
}
