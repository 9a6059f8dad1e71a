/**
 * Technique: returns a thousand decisions at every bar.
 * Expected: strategy_error(too_many_orders).
 * Stopped by: caps of decisions per run and of live orders. Behind it: memory limit of the isolate; deadline of the verification.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '59-million-orders',
  where: 'realm',
  technique: 'returns a thousand decisions at every bar',
  stoppedBy: 'caps of decisions per run and of live orders',
  behind: 'memory limit of the isolate; deadline of the verification',
  expect: { kind: 'strategy_error', reason: 'too_many_orders' },
  source: decideWith(String.raw`
    const many = []
    for (let i = 0; i < 1000; i++) many.push({ signal: 'BUY', entryType: 'limit', entryPrice: 1 })
    return many
`),
}
