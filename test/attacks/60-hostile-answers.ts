/**
 * Technique: returns proxies and accessors that change with every read.
 * Expected: strategy_error(bad_decision).
 * Stopped by: an answer is read once, field by field, and every value is checked. Behind it: the host checks the decision log again.
 * Without the check of what decide() answers: ok.
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '60-hostile-answers',
  where: 'realm',
  family: 'integrity',
  technique: 'returns proxies and accessors that change with every read',
  stoppedBy: 'an answer is read once, field by field, and every value is checked',
  behind: 'the host checks the decision log again',
  expect: { kind: 'strategy_error', reason: 'bad_decision' },
  source: decideWith(String.raw`
    let reads = 0
    return new Proxy({ signal: 'BUY' }, { get: (_, key) => { if (key === 'signal') return reads++ === 0 ? 'HACK' : 'BUY'; return undefined }, ownKeys: () => ['signal'], getOwnPropertyDescriptor: () => ({ value: 'BUY', enumerable: true, configurable: true }) })
`),
  ablated: {
    off: 'the check of what decide() answers',
    expect: { kind: 'ok', reason: null },
    cell: {
      'runner-image/realm/decision-rows.ts': replaceOnce(
        "if (signal !== 'BUY' && signal !== 'SELL')",
        'if (signal === null)',
      ),
    },
    check: ({ outcomeHash }) => assert.ok(outcomeHash !== null),
  },
}
