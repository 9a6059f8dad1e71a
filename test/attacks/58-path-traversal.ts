/**
 * Technique: imports a file outside its submission.
 * Expected: strategy_error(syntax).
 * Stopped by: imports are resolved among the submitted files by name; no file is opened. Behind it: the container has nothing of the host to read.
 * Without the check of imports: strategy_error(threw).
 */
import { type CellAttack, decideWith } from '../support/attack.ts'
import { uncheckedImports } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '58-path-traversal',
  where: 'realm',
  family: 'submissions',
  technique: 'imports a file outside its submission',
  stoppedBy: 'imports are resolved among the submitted files by name; no file is opened',
  behind: 'the container has nothing of the host to read',
  expect: { kind: 'strategy_error', reason: 'syntax' },
  source: decideWith('return null', "import x from '../../../../etc/passwd'"),
  ablated: {
    off: 'the check of imports',
    expect: { kind: 'strategy_error', reason: 'threw' },
    cell: { 'runner-image/linking/prepare-files.ts': uncheckedImports },
    source: decideWith('return null', "import '../../../../etc/passwd'"),
  },
}
