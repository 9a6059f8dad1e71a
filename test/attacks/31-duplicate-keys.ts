/**
 * Technique: hides a second outcome behind duplicate and __proto__ keys.
 * Expected: platform_error(protocol).
 * Stopped by: duplicate keys and __proto__ are refused by the parser of hostile JSON. Behind it: schema without unknown fields.
 * Without the refusal of __proto__ and of keys that stand twice: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '31-duplicate-keys',
  where: 'open',
  family: 'output',
  technique: 'hides a second outcome behind duplicate and __proto__ keys',
  stoppedBy: 'duplicate keys and __proto__ are refused by the parser of hostile JSON',
  behind: 'schema without unknown fields',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }, { unit: 0, bar: 90, symbol: 0, sequence: 0, signal: 'SELL' }]

const document = JSON.stringify(attack.forgeResult(attack.header, series, rows))
attack.writeAll(1, '{"__proto__":{"kind":"ok"},"v":1,' + document.slice(1))
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.verdict?.type, 'failed'),
  ablated: {
    off: 'the refusal of __proto__ and of keys that stand twice',
    expect: { kind: 'platform_error', reason: 'protocol' },
    verifier: {
      'src/protocol/strict-json.ts': (text) =>
        replaceOnce(
          "if (key === '__proto__')",
          'if (false)',
        )(replaceOnce('if (level.keys.has(key))', 'if (false)')(text)),
    },
  },
}
