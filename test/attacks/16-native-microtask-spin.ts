/**
 * Technique: spins in microtasks, so that no timer of the process ever runs.
 * Expected: limit_exceeded(no_event).
 * Stopped by: the host counts the time without an event. Behind it: wall time; CPU quota.
 * Without the clock of silence: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '16-native-microtask-spin',
  where: 'open',
  family: 'resources',
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
  ablated: {
    off: 'the clock of silence',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { noEventTimeMs: 600_000, wallTimeMs: 4000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
