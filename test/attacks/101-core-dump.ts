/**
 * Technique: crashes with secrets in its memory, for the host to write a core dump by its own pattern.
 * Expected: strategy_error(crashed).
 * Stopped by: ulimit core 0, which cannot be raised. Behind it: seccomp: no prlimit to change; the root that a relative pattern would write to is read-only.
 * Without ulimit core: strategy_error(crashed).
 */
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '101-core-dump',
  where: 'open',
  family: 'kernel',
  technique: 'crashes with secrets in its memory, for the host to write a core dump by its own pattern',
  stoppedBy: 'ulimit core 0, which cannot be raised',
  behind: 'seccomp: no prlimit to change; the root that a relative pattern would write to is read-only',
  expect: { kind: 'strategy_error', reason: 'crashed' },
  source: String.raw`const { call, address } = await attack.loadSystemCalls()
const found = {}
const limit = Buffer.alloc(16, 0xff)
found.raise = call(160, 4, address(limit))
found.other = call(302, 0, 4, address(limit), 0)
attack.report(found)
process.abort()
`,
  check: everyCallRefused(2),
  ablated: {
    off: 'ulimit core',
    expect: { kind: 'strategy_error', reason: 'crashed' },
    policy: { core: (2 ** 20) as 0 },
  },
}
