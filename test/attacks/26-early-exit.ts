/**
 * Technique: exits with code 0 before there is a result.
 * Expected: platform_error(protocol).
 * Stopped by: an exit without a valid document is never a success. Behind it: first cause wins: nothing later can turn it.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '26-early-exit',
  where: 'open',
  technique: 'exits with code 0 before there is a result',
  stoppedBy: 'an exit without a valid document is never a success',
  behind: 'first cause wins: nothing later can turn it',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.outcome.exitCode, 0),
}
