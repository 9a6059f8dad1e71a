/**
 * Technique: logs without end through console.log.
 * Expected: limit_exceeded(output).
 * Stopped by: the runner counts the log bytes of the strategy. Behind it: byte cap on the host (8 MiB).
 * Without the runner's count of log bytes: limit_exceeded(output).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '25-console-flood',
  where: 'realm',
  family: 'output',
  technique: 'logs without end through console.log',
  stoppedBy: 'the runner counts the log bytes of the strategy',
  behind: 'byte cap on the host (8 MiB)',
  expect: { kind: 'limit_exceeded', reason: 'output' },
  policy: { barTimeMs: 30_000 },
  source: decideWith("for (let i = 0; i < 200; i++) console.log('z'.repeat(1000)); return null"),
  ablated: {
    off: "the runner's count of log bytes",
    expect: { kind: 'limit_exceeded', reason: 'output' },
    cell: { 'runner-image/pool/monitor.ts': replaceOnce('if (this.#logBytes >= cap) {', 'if (this.#logBytes < 0) {') },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
