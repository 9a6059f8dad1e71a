/**
 * Technique: submits 64 files that import each other in circles and re-export each other.
 * Expected: ok.
 * Stopped by: each file is prepared once; names are looked up with a memory of where they have been. Behind it: watchdog of load and construction; 64 files at most.
 * Single layer: a circle of imports is allowed by the language; nothing is refused that could be let through.
 */
import { type CellAttack, decideWith } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '89-import-circle',
  where: 'realm',
  family: 'submissions',
  technique: 'submits 64 files that import each other in circles and re-export each other',
  stoppedBy: 'each file is prepared once; names are looked up with a memory of where they have been',
  behind: 'watchdog of load and construction; 64 files at most',
  expect: { kind: 'ok', reason: null },
  config: {
    files: {
      'main.ts': decideWith('return null', "import './f0.ts'"),
      ...Object.fromEntries(
        Array.from({ length: 62 }, (_, i) => [
          `f${i}.ts`,
          `export * from './f${(i + 1) % 62}.ts'\nexport * from './f${(i + 7) % 62}.ts'\nexport const v${i} = ${i}`,
        ]),
      ),
    },
  },
  source: decideWith('return null', "import './f0.ts'"),
  singleLayer: 'a circle of imports is allowed by the language; nothing is refused that could be let through',
}
