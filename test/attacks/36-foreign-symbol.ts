/**
 * Technique: forges accepted with a symbol that is not of the run, to be sent its candles.
 * Expected: platform_error(protocol).
 * Stopped by: the host sends only symbols of the run. Behind it: nothing but the candles of the run is ever loaded.
 * Without the check of the symbols: platform_error(infra).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '36-foreign-symbol',
  where: 'open',
  family: 'integrity',
  technique: 'forges accepted with a symbol that is not of the run, to be sent its candles',
  stoppedBy: 'the host sends only symbols of the run',
  behind: 'nothing but the candles of the run is ever loaded',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
attack.accept(0, ['../../etc/passwd'])
setInterval(() => {}, 1000)
`,
  check: ({ end }) => assert.equal(end.data, null),
  ablated: {
    off: 'the check of the symbols',
    expect: { kind: 'platform_error', reason: 'infra' },
    host: {
      'orchestrator-service/jobs/prepare-data.ts': replaceOnce(
        'if (places.length === 0 || places.some((place, i) => place < 0 || (i > 0 && place <= places[i - 1]!))) return null',
        '',
      ),
    },
    check: ({ end }) => assert.equal(end.data, null),
  },
}
