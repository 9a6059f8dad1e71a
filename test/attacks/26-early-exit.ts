/**
 * Technique: exits with code 0 before there is a result.
 * Expected: platform_error(protocol).
 * Stopped by: an exit without a valid document is never a success. Behind it: first cause wins: nothing later can turn it.
 * Without the check for an empty document: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '26-early-exit',
  where: 'open',
  family: 'output',
  technique: 'exits with code 0 before there is a result',
  stoppedBy: 'an exit without a valid document is never a success',
  behind: 'first cause wins: nothing later can turn it',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.outcome.exitCode, 0),
  ablated: {
    off: 'the check for an empty document',
    expect: { kind: 'platform_error', reason: 'protocol' },
    verifier: {
      'orchestrator-service/results/verify/parse-runner-result.ts': replaceOnce(
        'if (bytes.length === 0) return',
        'if (bytes.length < 0) return',
      ),
    },
  },
}
