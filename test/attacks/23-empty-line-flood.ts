/**
 * Technique: writes a hundred thousand empty lines to stderr.
 * Expected: limit_exceeded(output).
 * Stopped by: count of lines that are no events (10,000). Behind it: byte cap on the host (8 MiB).
 * Without the count of lines that are no events: limit_exceeded(output).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '23-empty-line-flood',
  where: 'open',
  family: 'output',
  technique: 'writes a hundred thousand empty lines to stderr',
  stoppedBy: 'count of lines that are no events (10,000)',
  behind: 'byte cap on the host (8 MiB)',
  expect: { kind: 'limit_exceeded', reason: 'output' },
  source: String.raw`
for (;;) attack.writeAll(2, '\n'.repeat(10_000))
`,
  ablated: {
    off: 'the count of lines that are no events',
    expect: { kind: 'limit_exceeded', reason: 'output' },
    policy: { logBytes: 50_000 },
    host: {
      'orchestrator-service/sandbox/event-lines.ts': replaceOnce(
        'MAX_MALFORMED_LINES = 10_000',
        'MAX_MALFORMED_LINES = 10_000_000',
      ),
    },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
