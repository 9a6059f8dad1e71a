/**
 * Technique: returns a promise, to go on after the call.
 * Expected: strategy_error(bad_decision).
 * Stopped by: an answer must be plain data. Behind it: the realm has no event loop to go on in.
 * Without the check for promises: strategy_error(bad_decision).
 */
import { type CellAttack, decideWith } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '62-promise-decide',
  where: 'realm',
  family: 'integrity',
  technique: 'returns a promise, to go on after the call',
  stoppedBy: 'an answer must be plain data',
  behind: 'the realm has no event loop to go on in',
  expect: { kind: 'strategy_error', reason: 'bad_decision' },
  source: decideWith('return Promise.resolve({ signal: "BUY" })'),
  ablated: {
    off: 'the check for promises',
    expect: { kind: 'strategy_error', reason: 'bad_decision' },
    cell: { 'runner-image/realm/decision-rows.ts': replaceOnce(' || answer instanceof Promise) refuse', ') refuse') },
  },
}
