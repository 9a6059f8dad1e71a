/**
 * Technique: queues a promise that queues the next one, after decide() has returned.
 * Expected: limit_exceeded(bar_time).
 * Stopped by: watchdog outside the thread of the strategy. Behind it: the host kills on silence; wall time.
 * Without the watchdog of the bar: limit_exceeded(no_event).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '15-microtask-spin',
  where: 'realm',
  family: 'resources',
  technique: 'queues a promise that queues the next one, after decide() has returned',
  stoppedBy: 'watchdog outside the thread of the strategy',
  behind: 'the host kills on silence; wall time',
  expect: { kind: 'limit_exceeded', reason: 'bar_time' },
  source: decideWith('spin(); return null', 'const spin = () => Promise.resolve().then(spin)'),
  ablated: {
    off: 'the watchdog of the bar',
    expect: { kind: 'limit_exceeded', reason: 'no_event' },
    policy: { barTimeMs: 600_000, noEventTimeMs: 3000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
