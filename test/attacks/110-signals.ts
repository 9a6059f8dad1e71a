/**
 * Technique: sends signals to every number that a process of a neighbour could have, by every call that sends one.
 * Expected: platform_error(protocol).
 * Stopped by: the pid name space: there is no number to send to. Behind it: seccomp: only tgkill is in the list.
 * Single layer: all cells have one user, who may send signals to himself: between them stands the pid name space alone.
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '110-signals',
  where: 'open',
  family: 'neighbours',
  technique: 'sends signals to every number that a process of a neighbour could have, by every call that sends one',
  stoppedBy: 'the pid name space: there is no number to send to',
  behind: 'seccomp: only tgkill is in the list',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`const { call } = await attack.loadSystemCalls()
const found = { reached: 0, others: [] }
for (let pid = 2; pid < 5000; pid++) if (call(234, pid, pid, 0) === 0) found.reached++
for (const result of [call(62, -1, 0), call(62, 2, 0), call(200, 2, 0), call(129, 2, 10, 0), call(424, 3, 0, 0, 0)]) found.others.push(result)
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    assert.equal(report['reached'], 0)
    assert.deepEqual(report['others'], [-1, -1, -1, -1, -1])
  },
  singleLayer: 'all cells have one user, who may send signals to himself: between them stands the pid name space alone',
}
