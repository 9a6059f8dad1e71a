/**
 * Technique: allocates typed arrays beside the heap of its realm.
 * Expected: limit_exceeded(memory).
 * Stopped by: memory accounting of the isolate. Behind it: memory limit of the cgroup.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '05-external-buffers',
  where: 'realm',
  technique: 'allocates typed arrays beside the heap of its realm',
  stoppedBy: 'memory accounting of the isolate',
  behind: 'memory limit of the cgroup',
  expect: { kind: 'limit_exceeded', reason: 'memory' },
  policy: { memoryBytes: 768 * 2 ** 20, barTimeMs: 60_000 },
  source: decideWith(
    String.raw`
    for (;;) keep.push(new Float64Array(1e6).fill(context.index))
`,
    'const keep = []',
  ),
}
