import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { withChannelTable } from './docs.ts'

/** Writes the table of channels into docs/look-ahead.md. */
const file = join(PROJECT_ROOT, 'docs/look-ahead.md')
writeFileSync(file, withChannelTable(readFileSync(file, 'utf8')))
