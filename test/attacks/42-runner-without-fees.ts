/**
 * Technique: a runner that was changed to charge no fee.
 * Expected: tampered(replay).
 * Stopped by: the host plays the decision log again with its own rules. Behind it: what users see is computed by the host.
 * Without the comparison with the replay: ok.
 */
import assert from 'node:assert/strict'
import { type CellAttack, hostileTwin } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '42-runner-without-fees',
  where: 'runner',
  family: 'integrity',
  technique: 'a runner that was changed to charge no fee',
  stoppedBy: 'the host plays the decision log again with its own rules',
  behind: 'what users see is computed by the host',
  expect: { kind: 'tampered', reason: 'replay' },
  config: { fee: 0.001 },
  changes: {
    'src/policies/fee.ts': (text) => text.replaceAll('event.notional *', '0 * event.notional *'),
  },
  source: hostileTwin(''),
  ablated: {
    off: 'the comparison with the replay',
    expect: { kind: 'ok', reason: null },
    verifier: {
      'orchestrator-service/results/verify/verify-run.ts': replaceOnce(
        'compareRecords(result, played.records, task) ?? compareEquity(result, played.equity, task)',
        'null',
      ),
    },
    check: ({ outcomeHash }) =>
      assert.equal(outcomeHash, '82feca6b6e3fca2ba9054d3bbabd56926734cd99eddfc44f192b02ec1c83ddbf'),
  },
}
