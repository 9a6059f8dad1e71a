/**
 * Technique: returns a thousand decisions at every bar.
 * Expected: strategy_error(too_many_orders).
 * Stopped by: caps of decisions per run and of live orders. Behind it: memory limit of the isolate; deadline of the verification.
 * Without the caps of decisions in the cell: strategy_error(too_many_orders).
 */
import { type CellAttack, decideWith } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '59-million-orders',
  where: 'realm',
  family: 'submissions',
  technique: 'returns a thousand decisions at every bar',
  stoppedBy: 'caps of decisions per run and of live orders',
  behind: 'memory limit of the isolate; deadline of the verification',
  expect: { kind: 'strategy_error', reason: 'too_many_orders' },
  source: decideWith(String.raw`
    const many = []
    for (let i = 0; i < 1000; i++) many.push({ signal: 'BUY', entryType: 'limit', entryPrice: 1 })
    return many
`),
  ablated: {
    off: 'the caps of decisions in the cell',
    expect: { kind: 'strategy_error', reason: 'too_many_orders' },
    cell: {
      'runner-image/realm/decision-rows.ts': (text) =>
        replaceOnce(
          'rows > maxDecisions)',
          'rows > 1e9)',
        )(replaceOnce('count > maxDecisionsPerCall', 'count > 1e9')(text)),
    },
  },
}
