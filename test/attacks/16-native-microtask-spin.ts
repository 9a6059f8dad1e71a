/**
 * Technique: spins in microtasks, so that no timer of the process ever runs.
 * Expected: limit_exceeded(no_event).
 * Stopped by: the host counts the time without an event. Behind it: wall time; CPU quota.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '16-native-microtask-spin',
  where: 'open',
  technique: 'spins in microtasks, so that no timer of the process ever runs',
  stoppedBy: 'the host counts the time without an event',
  behind: 'wall time; CPU quota',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 5000 },
  source: String.raw`
const spin = () => Promise.resolve().then(spin)
spin()
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
}
