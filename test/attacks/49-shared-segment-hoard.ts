/**
 * Technique: hides its memory in System V segments, which live on when their process has ended.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no System V IPC. Behind it: memory limit of the cgroup; the IPC name space of the cell ends with it.
 * Without seccomp: limit_exceeded(memory).
 */
import assert from 'node:assert/strict'
import { type CellAttack, everyCallRefused } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '49-shared-segment-hoard',
  where: 'open',
  family: 'resources',
  technique: 'hides its memory in System V segments, which live on when their process has ended',
  stoppedBy: 'seccomp: no System V IPC',
  behind: 'memory limit of the cgroup; the IPC name space of the cell ends with it',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call } = await attack.loadSystemCalls()
const found = { shmget: call(29, 0, 2 ** 26, 0o1600) }
if (found.shmget >= 0)
  for (;;) {
    const at = call(30, call(29, 0, 2 ** 26, 0o1600), 0, 0)
    // Copies the pages of the segment over themselves: they have to exist.
    for (let page = 0; page < 2 ** 26; page += 4096) call(79, BigInt(at) + BigInt(page), 4096)
  }
attack.report(found)
process.exit(0)
`,
  check: everyCallRefused(1),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'limit_exceeded', reason: 'memory' },
    engine: ['seccomp'],
    policy: { memoryBytes: 256 * 2 ** 20 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'kernel'),
  },
}
