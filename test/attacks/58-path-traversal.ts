/**
 * Technique: imports a file outside its submission.
 * Expected: strategy_error(syntax).
 * Stopped by: imports are resolved among the submitted files by name; no file is opened. Behind it: the container has nothing of the host to read.
 */
import { type Attack, decideWith } from '../support/attack.ts'

export const attack: Attack = {
  name: '58-path-traversal',
  where: 'realm',
  technique: 'imports a file outside its submission',
  stoppedBy: 'imports are resolved among the submitted files by name; no file is opened',
  behind: 'the container has nothing of the host to read',
  expect: { kind: 'strategy_error', reason: 'syntax' },
  source: decideWith('return null', "import x from '../../../../etc/passwd'"),
}
