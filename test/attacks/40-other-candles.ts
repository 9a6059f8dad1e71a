/**
 * Technique: computes on candles of its own and says so in the hashes.
 * Expected: data_unavailable(mismatch).
 * Stopped by: inputs are compared before results. Behind it: the host plays the decision log again on its own candles.
 * Without the comparison of the inputs: tampered(replay).
 */
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '40-other-candles',
  where: 'open',
  family: 'integrity',
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
  ablated: {
    off: 'the comparison of the inputs',
    expect: { kind: 'tampered', reason: 'replay' },
    verifier: {
      'orchestrator-service/results/verify/verify-run.ts': replaceOnce(
        'entry.sha256 === series.sha256',
        'entry.sha256.length === 64',
      ),
    },
  },
}
