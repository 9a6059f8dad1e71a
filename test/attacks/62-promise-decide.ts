/**
 * Technique: returns a promise, to go on after the call.
 * Expected: strategy_error(bad_decision).
 * Stopped by: an answer must be plain data. Behind it: the realm has no event loop to go on in.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '62-promise-decide',
  where: 'realm',
  technique: 'returns a promise, to go on after the call',
  stoppedBy: 'an answer must be plain data',
  behind: 'the realm has no event loop to go on in',
  expect: { kind: 'strategy_error', reason: 'bad_decision' },
  source: decideWith('return Promise.resolve({ signal: "BUY" })'),
}
