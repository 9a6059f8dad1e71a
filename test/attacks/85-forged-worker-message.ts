/**
 * Technique: takes over the thread of the strategy and answers the supervisor in its place, with decisions of another unit.
 * Expected: platform_error(protocol).
 * Stopped by: the host reads the decision log with bounds and plays it again. Behind it: schema of the result.
 * Single layer: what a thread of the cell says to another one is within the cell: no promise rests on it.
 */
import { type CellAttack, decideWith } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '85-forged-worker-message',
  where: 'runner',
  family: 'integrity',
  technique:
    'takes over the thread of the strategy and answers the supervisor in its place, with decisions of another unit',
  stoppedBy: 'the host reads the decision log with bounds and plays it again',
  behind: 'schema of the result',
  expect: { kind: 'platform_error', reason: 'protocol' },
  changes: {
    'runner-image/worker.ts': replaceOnce(
      'port.postMessage(reply)',
      '(reply as { value?: { decisions?: { unit: Uint32Array } } }).value?.decisions?.unit.fill(7)\n      port.postMessage(reply)',
    ),
  },
  source: decideWith("return context.index % 50 === 40 ? { signal: 'BUY' } : null"),
  singleLayer: 'what a thread of the cell says to another one is within the cell: no promise rests on it',
}
