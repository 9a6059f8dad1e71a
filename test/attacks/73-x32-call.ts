/**
 * Technique: makes a system call of the x32 table, which filters of numbers forget.
 * Expected: strategy_error(forbidden_syscall).
 * Stopped by: seccomp allows one architecture; another one kills (exit 159). Behind it: no capabilities; the call would hit the same rules.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '73-x32-call',
  where: 'open',
  technique: 'makes a system call of the x32 table, which filters of numbers forget',
  stoppedBy: 'seccomp allows one architecture; another one kills (exit 159)',
  behind: 'no capabilities; the call would hit the same rules',
  expect: { kind: 'strategy_error', reason: 'forbidden_syscall' },
  source: String.raw`
const { call } = await attack.loadSystemCalls()
call(0x40000000 + 39)
attack.report({ survived: true })
process.exit(0)
`,
  check: ({ end, report }) => {
    assert.deepEqual(report, {})
    assert.equal(end.outcome.exitCode, 159)
  },
}
