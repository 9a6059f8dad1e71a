/**
 * Technique: allocates typed arrays beside the heap of its realm.
 * Expected: strategy_error(threw).
 * Stopped by: the isolate counts memory outside its heap and refuses the allocation. Behind it: memory limit of the cgroup.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '05-external-buffers',
  where: 'realm',
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
}
