/**
 * Technique: lets JSON.parse build 3e7 arrays in one call. The time of a bar is raised, so that only memory can end it; V8 reports a full heap from inside the parser.
 * Expected: limit_exceeded(memory).
 * Stopped by: memory limit of the cgroup, which one call can reach before the heap limit acts. Behind it: heap limit of the isolate, reported as fatal; watchdog of the bar.
 * Without the memory limit of the cgroup: limit_exceeded(bar_time).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '13-json-overrun',
  where: 'realm',
  family: 'resources',
  technique: 'lets JSON.parse build 3e7 arrays in one call',
  stoppedBy: 'memory limit of the cgroup, which one call can reach before the heap limit acts',
  behind: 'heap limit of the isolate, reported as fatal; watchdog of the bar',
  expect: { kind: 'limit_exceeded', reason: 'memory' },
  policy: { memoryBytes: 768 * 2 ** 20, barTimeMs: 120_000 },
  maxMs: 140_000,
  source: decideWith(String.raw`
    const text = '[' + '[],'.repeat(3e7) + '[]]'
    return JSON.parse(text).length > 0 ? null : null
`),
  ablated: {
    off: 'the memory limit of the cgroup',
    expect: { kind: 'limit_exceeded', reason: 'bar_time' },
    policy: { memoryBytes: 3 * 2 ** 30, barTimeMs: 1000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
