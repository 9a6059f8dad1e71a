/**
 * Technique: loops for ever while its module is evaluated.
 * Expected: strategy_error(load_timeout).
 * Stopped by: watchdog of load and construction (2 s). Behind it: the host kills on silence; wall time.
 * Without the watchdog of the load: limit_exceeded(no_event).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '11-endless-load',
  where: 'realm',
  family: 'resources',
  technique: 'loops for ever while its module is evaluated',
  stoppedBy: 'watchdog of load and construction (2 s)',
  behind: 'the host kills on silence; wall time',
  expect: { kind: 'strategy_error', reason: 'load_timeout' },
  source: decideWith('return null', 'for (;;);'),
  ablated: {
    off: 'the watchdog of the load',
    expect: { kind: 'limit_exceeded', reason: 'no_event' },
    policy: { loadTimeMs: 600_000, noEventTimeMs: 3000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
