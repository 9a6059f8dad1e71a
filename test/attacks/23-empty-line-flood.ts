/**
 * Technique: writes a hundred thousand empty lines to stderr.
 * Expected: limit_exceeded(output).
 * Stopped by: count of lines that are no events (10,000). Behind it: byte cap on the host (8 MiB).
 */
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '23-empty-line-flood',
  where: 'open',
  technique: 'writes a hundred thousand empty lines to stderr',
  stoppedBy: 'count of lines that are no events (10,000)',
  behind: 'byte cap on the host (8 MiB)',
  expect: { kind: 'limit_exceeded', reason: 'output' },
  source: String.raw`
for (;;) attack.writeAll(2, '\n'.repeat(10_000))
`,
}
