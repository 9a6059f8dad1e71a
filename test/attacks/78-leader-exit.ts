/**
 * Technique: ends its main thread alone with a raw exit and goes on in a worker thread, so that the runtime takes it for dead.
 * Expected: limit_exceeded(no_event).
 * Stopped by: the host ends whatever lives in the cgroup before it removes a cell whose end the engine does not know. Behind it: memory, CPU and pids limits and seccomp go on to hold; reconcile at the next start.
 * Single layer: only the host can end threads whose process the runtime takes for dead; until then every limit of the cell holds.
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '78-leader-exit',
  where: 'open',
  family: 'kernel',
  technique:
    'ends its main thread alone with a raw exit and goes on in a worker thread, so that the runtime takes it for dead',
  stoppedBy: 'the host ends whatever lives in the cgroup before it removes a cell whose end the engine does not know',
  behind: 'memory, CPU and pids limits and seccomp go on to hold; reconcile at the next start',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 5000 },
  maxMs: 45_000,
  source: String.raw`
import { Worker } from 'node:worker_threads'
new Worker('for (;;);', { eval: true })
const { call } = await attack.loadSystemCalls()
setTimeout(() => call(60, 0), 500)
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  singleLayer:
    'only the host can end threads whose process the runtime takes for dead; until then every limit of the cell holds',
}
