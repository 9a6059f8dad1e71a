import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import { withSettingsTable } from './config-docs.ts'

/** Writes the table of settings into docs/operations.md. */
const file = join(PROJECT_ROOT, 'docs/operations.md')
writeFileSync(file, withSettingsTable(readFileSync(file, 'utf8')))
