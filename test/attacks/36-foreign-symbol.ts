/**
 * Technique: forges accepted with a symbol that is not of the run, to be sent its candles.
 * Expected: platform_error(protocol).
 * Stopped by: the host sends only symbols of the run. Behind it: nothing but the candles of the run is ever loaded.
 */
import assert from 'node:assert/strict'
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '36-foreign-symbol',
  where: 'open',
  technique: 'forges accepted with a symbol that is not of the run, to be sent its candles',
  stoppedBy: 'the host sends only symbols of the run',
  behind: 'nothing but the candles of the run is ever loaded',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
attack.accept(0, ['../../etc/passwd'])
setInterval(() => {}, 1000)
`,
  check: ({ end }) => assert.equal(end.data, null),
}
