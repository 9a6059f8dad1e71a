/**
 * Technique: logs without end through console.log.
 * Expected: limit_exceeded(output).
 * Stopped by: the runner counts the log bytes of the strategy. Behind it: byte cap on the host (8 MiB).
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '25-console-flood',
  where: 'realm',
  technique: 'logs without end through console.log',
  stoppedBy: 'the runner counts the log bytes of the strategy',
  behind: 'byte cap on the host (8 MiB)',
  expect: { kind: 'limit_exceeded', reason: 'output' },
  policy: { barTimeMs: 30_000 },
  source: decideWith("for (let i = 0; i < 200; i++) console.log('z'.repeat(1000)); return null"),
}
