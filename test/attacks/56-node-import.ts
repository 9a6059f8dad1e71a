/**
 * Technique: imports node:fs with a static import.
 * Expected: strategy_error(syntax).
 * Stopped by: imports are resolved among the submitted files; nothing else is linked. Behind it: the realm has no loader; behind it the container.
 * Without the check of imports: strategy_error(threw).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'
import { uncheckedImports } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '56-node-import',
  where: 'realm',
  family: 'submissions',
  technique: 'imports node:fs with a static import',
  stoppedBy: 'imports are resolved among the submitted files; nothing else is linked',
  behind: 'the realm has no loader; behind it the container',
  expect: { kind: 'strategy_error', reason: 'syntax' },
  source: decideWith('return null', "import fs from 'node:fs'"),
  check: ({ end }) => assert.deepEqual(end.outcome.location?.file, 'main.ts'),
  ablated: {
    off: 'the check of imports',
    expect: { kind: 'strategy_error', reason: 'threw' },
    cell: { 'runner-image/linking/prepare-files.ts': uncheckedImports },
    source: decideWith('return null', "import 'node:fs'"),
    check: ({ end }) => assert.equal(end.verdict?.type, 'claimed'),
  },
}
