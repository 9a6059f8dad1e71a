/**
 * Technique: submits a literal of 900,000 characters and a regular expression of 500 open groups.
 * Expected: strategy_error(syntax).
 * Stopped by: watchdog of load and construction (2 s), outside of the thread. Behind it: memory limit; source limit of 1 MiB; the host never parses submitted code.
 * Single layer: the parser is the first to read the source; whatever it does, it does in the cell.
 */
import { type CellAttack, decideWith } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '87-giant-literal',
  where: 'realm',
  family: 'submissions',
  technique: 'submits a literal of 900,000 characters and a regular expression of 500 open groups',
  stoppedBy: 'watchdog of load and construction (2 s), outside of the thread',
  behind: 'memory limit; source limit of 1 MiB; the host never parses submitted code',
  expect: { kind: 'strategy_error', reason: 'syntax' },
  policy: { loadTimeMs: 30_000 },
  source: decideWith('return null', `const text = '${'9'.repeat(900_000)}'\nconst pattern = /${'('.repeat(500)}/`),
  singleLayer: 'the parser is the first to read the source; whatever it does, it does in the cell',
}
