/**
 * Technique: loops for ever while its module is evaluated.
 * Expected: strategy_error(load_timeout).
 * Stopped by: watchdog of load and construction (2 s). Behind it: the host kills on silence; wall time.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '11-endless-load',
  where: 'realm',
  technique: 'loops for ever while its module is evaluated',
  stoppedBy: 'watchdog of load and construction (2 s)',
  behind: 'the host kills on silence; wall time',
  expect: { kind: 'strategy_error', reason: 'load_timeout' },
  source: decideWith('return null', 'for (;;);'),
}
