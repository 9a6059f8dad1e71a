/**
 * Technique: imports node:child_process with import().
 * Expected: strategy_error(syntax).
 * Stopped by: import() is refused before anything is evaluated. Behind it: the isolate has no import callback; behind it the container.
 */
import assert from 'node:assert/strict'
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '57-dynamic-import',
  where: 'realm',
  technique: 'imports node:child_process with import()',
  stoppedBy: 'import() is refused before anything is evaluated',
  behind: 'the isolate has no import callback; behind it the container',
  expect: { kind: 'strategy_error', reason: 'syntax' },
  source: decideWith("import('node:child_process'); return null"),
  check: ({ end }) => assert.deepEqual(end.outcome.location?.file, 'main.ts'),
}
