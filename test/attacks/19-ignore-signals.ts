/**
 * Technique: ignores every signal, then stops itself and all others.
 * Expected: limit_exceeded(no_event).
 * Stopped by: SIGKILL from outside the pid name space, which cannot be handled. Behind it: PID 1 ignores its own signals; the kill call is not in the allow-list.
 * Without the clock of silence: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '19-ignore-signals',
  where: 'open',
  family: 'resources',
  technique: 'ignores every signal, then stops itself and all others',
  stoppedBy: 'SIGKILL from outside the pid name space, which cannot be handled',
  behind: 'PID 1 ignores its own signals; the kill call is not in the allow-list',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 5000 },
  source: String.raw`
import os from 'node:os'
const codes = new Set()
for (const name of Object.keys(os.constants.signals)) try { process.on(name, () => {}) } catch {}
for (const [pid, signal] of [[process.pid, 'SIGSTOP'], [process.pid, 'SIGKILL'], [-1, 'SIGKILL'], [0, 'SIGSTOP']])
  try { process.kill(pid, signal); codes.add('sent') } catch (error) { codes.add(error.code) }
attack.report({ codes: [...codes] })
setInterval(() => {}, 1000)
`,
  check: ({ end, report }) => {
    assert.equal(end.outcome.killedBy, 'host')
    assert.deepEqual(report['codes'], ['EPERM'])
  },
  ablated: {
    off: 'the clock of silence',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { noEventTimeMs: 600_000, wallTimeMs: 4000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
