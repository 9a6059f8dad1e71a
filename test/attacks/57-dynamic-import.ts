/**
 * Technique: imports node:child_process with import().
 * Expected: strategy_error(syntax).
 * Stopped by: import() is refused before anything is evaluated. Behind it: the isolate has no import callback; behind it the container.
 * Without the refusal of import(): strategy_error(threw).
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '57-dynamic-import',
  where: 'realm',
  family: 'submissions',
  technique: 'imports node:child_process with import()',
  stoppedBy: 'import() is refused before anything is evaluated',
  behind: 'the isolate has no import callback; behind it the container',
  expect: { kind: 'strategy_error', reason: 'syntax' },
  source: decideWith("import('node:child_process'); return null"),
  check: ({ end }) => assert.deepEqual(end.outcome.location?.file, 'main.ts'),
  ablated: {
    off: 'the refusal of import()',
    expect: { kind: 'strategy_error', reason: 'threw' },
    cell: {
      'runner-image/linking/scan-module.ts': replaceOnce(
        `if (node.type === 'ImportExpression') return 'import() is not available; use static imports'`,
        '',
      ),
    },
    check: ({ end }) => assert.equal(end.verdict?.type, 'claimed'),
  },
}
