/**
 * Technique: imports node:fs with a static import.
 * Expected: strategy_error(syntax).
 * Stopped by: imports are resolved among the submitted files; nothing else is linked. Behind it: the realm has no loader; behind it the container.
 */
import assert from 'node:assert/strict'
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '56-node-import',
  where: 'realm',
  technique: 'imports node:fs with a static import',
  stoppedBy: 'imports are resolved among the submitted files; nothing else is linked',
  behind: 'the realm has no loader; behind it the container',
  expect: { kind: 'strategy_error', reason: 'syntax' },
  source: decideWith('return null', "import fs from 'node:fs'"),
  check: ({ end }) => assert.deepEqual(end.outcome.location?.file, 'main.ts'),
}
