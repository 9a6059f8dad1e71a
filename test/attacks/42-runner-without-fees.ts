/**
 * Technique: a runner that was changed to charge no fee.
 * Expected: tampered(replay).
 * Stopped by: the host plays the decision log again with its own rules. Behind it: what users see is computed by the host.
 */
import { type Attack, hostileTwin } from '../support/attack.ts'

export const attack: Attack = {
  name: '42-runner-without-fees',
  where: 'runner',
  technique: 'a runner that was changed to charge no fee',
  stoppedBy: 'the host plays the decision log again with its own rules',
  behind: 'what users see is computed by the host',
  expect: { kind: 'tampered', reason: 'replay' },
  config: { fee: 0.001 },
  changes: {
    'src/policies/fee.ts': (text) => text.replaceAll('event.notional *', '0 * event.notional *'),
  },
  source: hostileTwin(''),
}
