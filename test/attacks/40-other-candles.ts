/**
 * Technique: computes on candles of its own and says so in the hashes.
 * Expected: data_unavailable(mismatch).
 * Stopped by: inputs are compared before results. Behind it: the host plays the decision log again on its own candles.
 */
import type { Attack } from '../support/attack.ts'

export const attack: Attack = {
  name: '40-other-candles',
  where: 'open',
  technique: 'computes on candles of its own and says so in the hashes',
  stoppedBy: 'inputs are compared before results',
  behind: 'the host plays the decision log again on its own candles',
  expect: { kind: 'data_unavailable', reason: 'mismatch' },
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }, { unit: 0, bar: 90, symbol: 0, sequence: 0, signal: 'SELL' }]

const better = series.map((one) => ({ ...one, close: one.close.map((x) => x * 1.5), high: one.high.map((x) => x * 1.6) }))
attack.writeAll(1, JSON.stringify(attack.forgeResult(attack.header, better, rows)))
process.exit(0)
`,
}
