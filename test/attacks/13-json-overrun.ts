/**
 * Technique: lets JSON.parse build 3e7 arrays in one call. The time of a bar is raised, so that only memory can end it; V8 reports a full heap from inside the parser.
 * Expected: limit_exceeded(memory).
 * Stopped by: heap limit of the isolate, fatal, the host kills the cell. Behind it: watchdog of the bar; memory limit of the cgroup.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '13-json-overrun',
  where: 'realm',
  technique: 'lets JSON.parse build 3e7 arrays in one call',
  stoppedBy: 'heap limit of the isolate, fatal, the host kills the cell',
  behind: 'watchdog of the bar; memory limit of the cgroup',
  expect: { kind: 'limit_exceeded', reason: 'memory' },
  policy: { memoryBytes: 768 * 2 ** 20, barTimeMs: 120_000 },
  maxMs: 60_000,
  source: decideWith(String.raw`
    const text = '[' + '[],'.repeat(3e7) + '[]]'
    return JSON.parse(text).length > 0 ? null : null
`),
}
