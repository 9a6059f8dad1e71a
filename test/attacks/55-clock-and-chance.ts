/**
 * Technique: looks for a clock, a host time zone and true randomness.
 * Expected: ok.
 * Stopped by: Date shows the time of the bar, Math.random is a seeded stream, timers and performance are not there. Behind it: the same submission twice gives the same bytes.
 * Single layer: a clock that was seen cannot be taken back; that a run cannot be repeated is found by verifying it again.
 */
import assert from 'node:assert/strict'
import { type CellAttack, hostileTwin } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '55-clock-and-chance',
  where: 'realm',
  family: 'integrity',
  technique: 'looks for a clock, a host time zone and true randomness',
  stoppedBy: 'Date shows the time of the bar, Math.random is a seeded stream, timers and performance are not there',
  behind: 'the same submission twice gives the same bytes',
  expect: { kind: 'ok', reason: null },
  source: hostileTwin(String.raw`
      found.drift = Date.now() - context.time
      found.drift2 = new Date().getTime() - context.time
      found.zone = new Date().getTimezoneOffset()
      found.random = [Math.random(), context.random()].every((x) => x >= 0 && x < 1)
      attempt('performance', () => performance.now())
      attempt('Intl', () => Intl.DateTimeFormat().resolvedOptions().timeZone)
      attempt('Temporal', () => Temporal.Now.instant())
      attempt('crypto', () => crypto.randomUUID())
      attempt('WeakRef', () => new WeakRef({}))
      attempt('FinalizationRegistry', () => new FinalizationRegistry(() => {}))
`),
  check: ({ report, outcomeHash, twin }) => {
    const { drift, drift2, zone, random, ...rest } = report
    assert.deepEqual({ drift, drift2, zone, random }, { drift: 0, drift2: 0, zone: 0, random: true })
    assert.deepEqual([...new Set(Object.values(rest))], ['blocked'])
    assert.equal(outcomeHash, twin.outcomeHash)
  },
  singleLayer:
    'a clock that was seen cannot be taken back; that a run cannot be repeated is found by verifying it again',
}
