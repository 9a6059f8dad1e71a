/**
 * Technique: matches a pattern that backtracks for ever.
 * Expected: limit_exceeded(bar_time).
 * Stopped by: watchdog outside the thread of the strategy. Behind it: the host kills on silence; wall time.
 * Without the watchdog of the bar: limit_exceeded(no_event).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '14-regex-backtracking',
  where: 'realm',
  family: 'resources',
  technique: 'matches a pattern that backtracks for ever',
  stoppedBy: 'watchdog outside the thread of the strategy',
  behind: 'the host kills on silence; wall time',
  expect: { kind: 'limit_exceeded', reason: 'bar_time' },
  source: decideWith(String.raw`return /^(\w+\s?)*$/.test('a'.repeat(60) + '!') ? null : null`),
  ablated: {
    off: 'the watchdog of the bar',
    expect: { kind: 'limit_exceeded', reason: 'no_event' },
    policy: { barTimeMs: 600_000, noEventTimeMs: 3000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
