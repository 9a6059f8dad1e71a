/**
 * Technique: names a bar of the year 1e290 in its progress and log events, which no date can hold.
 * Expected: platform_error(protocol).
 * Stopped by: times of events are held to what a date can hold before anything reads them. Behind it: the last bar time is a claim and only shown.
 * Without the bounds of event times: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '45-endless-bar-time',
  where: 'open',
  family: 'integrity',
  technique: 'names a bar of the year 1e290 in its progress and log events, which no date can hold',
  stoppedBy: 'times of events are held to what a date can hold before anything reads them',
  behind: 'the last bar time is a claim and only shown',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
attack.accept()
attack.emit({ type: 'progress', phase: 'decide', done: 1, total: 2, barTime: 1e300 })
attack.emit({ type: 'log', level: 'info', unit: 'attack', time: -1e300, text: 'late' })
setTimeout(() => process.exit(0), 200)
`,
  check: ({ end }) => {
    const { lastBarTime } = end.outcome
    assert.ok(lastBarTime === null || !Number.isNaN(new Date(lastBarTime).getTime()))
  },
  ablated: {
    off: 'the bounds of event times',
    expect: { kind: 'platform_error', reason: 'protocol' },
    host: {
      'src/protocol/events.ts': replaceOnce(
        'const InstantOrNull = Type.Union([Type.Number({ minimum: -8.64e15, maximum: 8.64e15 })',
        'const InstantOrNull = Type.Union([Type.Number()',
      ),
    },
    check: ({ end }) => assert.equal(end.verdict?.type, 'failed'),
  },
}
