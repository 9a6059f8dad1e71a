/**
 * Technique: claims that it was cancelled, which is not a cell's to say.
 * Expected: platform_error(protocol).
 * Stopped by: list of the outcomes that a cell may claim. Behind it: the host records its own kills first.
 * Single layer: what a cell may claim is one list; a cell that is taken at its word only names its own end.
 */
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '41-foreign-outcome',
  where: 'open',
  family: 'integrity',
  technique: "claims that it was cancelled, which is not a cell's to say",
  stoppedBy: 'list of the outcomes that a cell may claim',
  behind: 'the host records its own kills first',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
const outcome = { kind: 'cancelled', reason: null, message: '', hint: null, location: null, lastBarTime: null }
attack.writeAll(1, JSON.stringify({ v: 1, outcome, usage: { cpuNanos: 1, peakMemoryBytes: 1, bars: 0 } }))
process.exit(0)
`,
  singleLayer: 'what a cell may claim is one list; a cell that is taken at its word only names its own end',
}
