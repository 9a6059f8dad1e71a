/**
 * Technique: submits a source of 300,000 nested brackets.
 * Expected: strategy_error(syntax).
 * Stopped by: a parser that overflows its stack is a syntax error, in a thread of the cell. Behind it: source limit of 1 MiB; memory limit; the host never parses submitted code.
 * Single layer: the parser is the first to read the source; whatever it does, it does in the cell.
 */
import assert from 'node:assert/strict'
import { type CellAttack, decideWith } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '61-nested-source',
  where: 'realm',
  family: 'submissions',
  technique: 'submits a source of 300,000 nested brackets',
  stoppedBy: 'a parser that overflows its stack is a syntax error, in a thread of the cell',
  behind: 'source limit of 1 MiB; memory limit; the host never parses submitted code',
  expect: { kind: 'strategy_error', reason: 'syntax' },
  source: decideWith('return null', `const bomb = ${'['.repeat(300_000)}${']'.repeat(300_000)}`),
  check: ({ end }) => assert.equal(end.outcome.location?.file, 'main.ts'),
  singleLayer: 'the parser is the first to read the source; whatever it does, it does in the cell',
}
