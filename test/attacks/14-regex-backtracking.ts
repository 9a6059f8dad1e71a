/**
 * Technique: matches a pattern that backtracks for ever.
 * Expected: limit_exceeded(bar_time).
 * Stopped by: watchdog outside the thread of the strategy. Behind it: the host kills on silence; wall time.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '14-regex-backtracking',
  where: 'realm',
  technique: 'matches a pattern that backtracks for ever',
  stoppedBy: 'watchdog outside the thread of the strategy',
  behind: 'the host kills on silence; wall time',
  expect: { kind: 'limit_exceeded', reason: 'bar_time' },
  source: decideWith(String.raw`return /^(\w+\s?)*$/.test('a'.repeat(60) + '!') ? null : null`),
}
