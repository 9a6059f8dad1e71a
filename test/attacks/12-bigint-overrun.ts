/**
 * Technique: raises BigInts to huge powers, which no interruption of V8 stops.
 * Expected: limit_exceeded(bar_time).
 * Stopped by: watchdog outside the thread: on an overrun the runner writes fatal and the host kills the cell. Behind it: the host kills on silence; wall time.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '12-bigint-overrun',
  where: 'realm',
  technique: 'raises BigInts to huge powers, which no interruption of V8 stops',
  stoppedBy: 'watchdog outside the thread: on an overrun the runner writes fatal and the host kills the cell',
  behind: 'the host kills on silence; wall time',
  expect: { kind: 'limit_exceeded', reason: 'bar_time' },
  source: decideWith('let x = 3n ** (2n ** 24n); for (;;) x = x * x + (3n ** (2n ** 24n)); return null'),
}
