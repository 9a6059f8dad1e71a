/**
 * Technique: plays the timeline on better candles and claims it under the hashes of the true ones.
 * Expected: tampered(replay).
 * Stopped by: the host plays the decision log again on its own candles. Behind it: what users see is computed by the host.
 * Without the comparison with the replay: ok.
 */
import assert from 'node:assert/strict'
import { type CellAttack, HONEST_OUTCOME } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '37-fake-result',
  where: 'open',
  family: 'integrity',
  technique: 'plays the timeline on better candles and claims it under the hashes of the true ones',
  stoppedBy: 'the host plays the decision log again on its own candles',
  behind: 'what users see is computed by the host',
  expect: { kind: 'tampered', reason: 'replay' },
  source: String.raw`
attack.accept()
const series = attack.readSeries()
const rows = [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }, { unit: 0, bar: 90, symbol: 0, sequence: 0, signal: 'SELL' }]

const better = series.map((one) => ({ ...one, open: one.open.map((x, i) => i === 91 ? x * 2 : x), high: one.high.map((x, i) => i === 91 ? x * 2 : x) }))
const truth = attack.forgeResult(attack.header, series, rows)
const lie = attack.forgeResult(attack.header, better, rows)
attack.writeAll(1, JSON.stringify({ ...lie, seriesHashes: truth.seriesHashes }))
attack.report({ different: lie.records !== truth.records })
process.exit(0)
`,
  check: ({ end, report }) => {
    assert.equal(report['different'], true)
    assert.equal(end.verdict?.type, 'tampered')
  },
  ablated: {
    off: 'the comparison with the replay',
    expect: { kind: 'ok', reason: null },
    verifier: {
      'orchestrator-service/results/verify/verify-run.ts': replaceOnce(
        'compareRecords(result, played.records, task) ?? compareEquity(result, played.equity, task)',
        'null',
      ),
    },
    check: ({ outcomeHash }) => assert.equal(outcomeHash, HONEST_OUTCOME),
  },
}
