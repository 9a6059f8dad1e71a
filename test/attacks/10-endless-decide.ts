/**
 * Technique: loops for ever in decide().
 * Expected: limit_exceeded(bar_time).
 * Stopped by: watchdog outside the thread of the strategy. Behind it: the host kills on silence; wall time; CPU quota.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '10-endless-decide',
  where: 'realm',
  technique: 'loops for ever in decide()',
  stoppedBy: 'watchdog outside the thread of the strategy',
  behind: 'the host kills on silence; wall time; CPU quota',
  expect: { kind: 'limit_exceeded', reason: 'bar_time' },
  source: decideWith('for (;;);'),
}
