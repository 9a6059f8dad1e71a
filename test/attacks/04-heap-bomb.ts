/**
 * Technique: fills the heap of its realm with live objects. The time of a bar is raised, so that only memory can end it.
 * Expected: limit_exceeded(memory).
 * Stopped by: memory limit of the cgroup, since a heap passes its own limit by far before it fails. Behind it: heap limit of the isolate, reported as fatal; watchdog of the bar.
 * Without the memory limit of the cgroup: limit_exceeded(memory).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '04-heap-bomb',
  where: 'realm',
  family: 'resources',
  technique: 'fills the heap of its realm with live objects',
  stoppedBy: 'memory limit of the cgroup, since a heap passes its own limit by far before it fails',
  behind: 'heap limit of the isolate, reported as fatal; watchdog of the bar',
  expect: { kind: 'limit_exceeded', reason: 'memory' },
  policy: { memoryBytes: 448 * 2 ** 20, barTimeMs: 120_000 },
  maxMs: 140_000,
  source: decideWith(
    String.raw`
    for (;;) keep.push({ bar: context.index, text: 'x' + keep.length, list: [1, 2, 3, keep.length] })
`,
    'const keep = []',
  ),
  ablated: {
    off: 'the memory limit of the cgroup',
    expect: { kind: 'limit_exceeded', reason: 'memory' },
    policy: { memoryBytes: 2 * 2 ** 30 },
    cell: {
      'runner-image/empty-realm.ts': replaceOnce(
        'memoryLimit: Math.max(MIN_MEGABYTES, Math.floor(options.memoryBytes / 1_048_576))',
        'memoryLimit: 48',
      ),
    },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
