/**
 * Technique: queues a promise that queues the next one, after decide() has returned.
 * Expected: limit_exceeded(bar_time).
 * Stopped by: watchdog outside the thread of the strategy. Behind it: the host kills on silence; wall time.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '15-microtask-spin',
  where: 'realm',
  technique: 'queues a promise that queues the next one, after decide() has returned',
  stoppedBy: 'watchdog outside the thread of the strategy',
  behind: 'the host kills on silence; wall time',
  expect: { kind: 'limit_exceeded', reason: 'bar_time' },
  source: decideWith('spin(); return null', 'const spin = () => Promise.resolve().then(spin)'),
}
