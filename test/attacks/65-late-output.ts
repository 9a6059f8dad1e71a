/**
 * Technique: writes its result, and goes on writing to both streams while it is verified.
 * Expected: limit_exceeded(output).
 * Stopped by: nothing is verified before the cell has ended. Behind it: the caps of both streams count to the end.
 * Without the cap of stderr: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '65-late-output',
  where: 'open',
  family: 'output',
  technique: 'writes its result, and goes on writing to both streams while it is verified',
  stoppedBy: 'nothing is verified before the cell has ended',
  behind: 'the caps of both streams count to the end',
  expect: { kind: 'limit_exceeded', reason: 'output' },
  source: String.raw`attack.accept()
const series = attack.readSeries()
attack.writeAll(1, JSON.stringify(attack.forgeResult(attack.header, series, [])))
const line = JSON.stringify({ type: 'log', level: 'info', unit: 'x', time: null, text: 'y'.repeat(1000) }) + '\n'
for (;;) attack.writeAll(2, line.repeat(100))
`,
  check: ({ end }) => assert.equal(end.verdict, null),
  ablated: {
    off: 'the cap of stderr',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { logBytes: 2 ** 30, wallTimeMs: 2500 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
