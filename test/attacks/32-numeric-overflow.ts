/**
 * Technique: claims 1e999 where a number belongs.
 * Expected: platform_error(protocol).
 * Stopped by: numbers that are not finite are refused by the parser of hostile JSON. Behind it: schema; what is shown is computed by the host.
 * Without the refusal of numbers that are not finite: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '32-numeric-overflow',
  where: 'open',
  family: 'output',
  technique: 'claims 1e999 where a number belongs',
  stoppedBy: 'numbers that are not finite are refused by the parser of hostile JSON',
  behind: 'schema; what is shown is computed by the host',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }, { unit: 0, bar: 90, symbol: 0, sequence: 0, signal: 'SELL' }]

const document = JSON.stringify(attack.forgeResult(attack.header, series, rows))
attack.writeAll(1, document.replace('"cpuNanos":1', '"cpuNanos":1e999'))
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.verdict?.type, 'failed'),
  ablated: {
    off: 'the refusal of numbers that are not finite',
    expect: { kind: 'platform_error', reason: 'protocol' },
    verifier: { 'src/protocol/strict-json.ts': replaceOnce('if (isNumber && ', 'if (false && ') },
  },
}
