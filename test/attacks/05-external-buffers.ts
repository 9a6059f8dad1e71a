/**
 * Technique: allocates typed arrays beside the heap of its realm.
 * Expected: strategy_error(threw).
 * Stopped by: the isolate counts memory outside its heap and refuses the allocation. Behind it: memory limit of the cgroup.
 * Without the isolate's count of memory outside its heap: limit_exceeded(memory).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '05-external-buffers',
  where: 'realm',
  family: 'resources',
  technique: 'allocates typed arrays beside the heap of its realm',
  stoppedBy: 'the isolate counts memory outside its heap and refuses the allocation',
  behind: 'memory limit of the cgroup',
  expect: { kind: 'strategy_error', reason: 'threw' },
  policy: { memoryBytes: 448 * 2 ** 20, barTimeMs: 60_000 },
  source: decideWith(
    String.raw`
    for (;;) keep.push(new Float64Array(1e6).fill(context.index))
`,
    'const keep = []',
  ),
  ablated: {
    off: "the isolate's count of memory outside its heap",
    expect: { kind: 'limit_exceeded', reason: 'memory' },
    cell: {
      'runner-image/empty-realm.ts': replaceOnce(
        'memoryLimit: Math.max(MIN_MEGABYTES, Math.floor(options.memoryBytes / 1_048_576))',
        'memoryLimit: 65_536',
      ),
    },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'kernel'),
  },
}
