import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import { withAttackTable } from './attack-docs.ts'
import { loadAttacks } from './attack-files.ts'

/** Writes the table of attacks into docs/security.md. */
const file = join(PROJECT_ROOT, 'docs/security.md')
writeFileSync(file, withAttackTable(readFileSync(file, 'utf8'), await loadAttacks()))
