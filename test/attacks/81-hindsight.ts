/**
 * Technique: reads the candles to their end before it decides: buys before rises, sells before falls.
 * Expected: ok.
 * Stopped by: nothing behind a broken realm: the replay finds nothing wrong with decisions that are consistent. Behind it: in the realm later bars have not been written (53-future-reading).
 * Single layer: said in "What it does not stop"; with `options.proof` it is refuted: tampered(lookahead).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '81-hindsight',
  where: 'open',
  family: 'integrity',
  technique: 'reads the candles to their end before it decides: buys before rises, sells before falls',
  stoppedBy: 'nothing behind a broken realm: the replay finds nothing wrong with decisions that are consistent',
  behind: 'in the realm later bars have not been written (53-future-reading)',
  expect: { kind: 'ok', reason: null },
  source: String.raw`attack.accept()
const series = attack.readSeries()
const { open } = series[0]
const rows = []
for (let bar = 1, long = false; bar + 2 < open.length; bar++) {
  const rises = open[bar + 2] > open[bar + 1]
  if (rises === long) continue
  rows.push({ unit: 0, bar, symbol: 0, sequence: 0, signal: rises ? 'BUY' : 'SELL' })
  long = rises
}
attack.writeAll(1, JSON.stringify(attack.forgeResult(attack.header, series, rows)))
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.verdict?.type, 'verified'),
  singleLayer: 'said in "What it does not stop"; with `options.proof` it is refuted: tampered(lookahead)',
}
