/**
 * Technique: raises BigInts to huge powers, which no interruption of V8 stops.
 * Expected: limit_exceeded(bar_time).
 * Stopped by: watchdog outside the thread: on an overrun the runner writes fatal and the host kills the cell. Behind it: the host kills on silence; wall time.
 * Without the watchdog of the bar: limit_exceeded(no_event).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '12-bigint-overrun',
  where: 'realm',
  family: 'resources',
  technique: 'raises BigInts to huge powers, which no interruption of V8 stops',
  stoppedBy: 'watchdog outside the thread: on an overrun the runner writes fatal and the host kills the cell',
  behind: 'the host kills on silence; wall time',
  expect: { kind: 'limit_exceeded', reason: 'bar_time' },
  source: decideWith('let x = 3n ** (2n ** 24n); for (;;) x = x * x + (3n ** (2n ** 24n)); return null'),
  ablated: {
    off: 'the watchdog of the bar',
    expect: { kind: 'limit_exceeded', reason: 'no_event' },
    policy: { barTimeMs: 600_000, noEventTimeMs: 3000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
