import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import { loadPolicies } from '../../orchestrator-service/sandbox/policy.ts'
import { readTraceRecord, withSeccompTables } from './seccomp-docs.ts'

/** Writes the tables of docs/seccomp.md. */
const file = join(PROJECT_ROOT, 'docs/seccomp.md')
const profile = loadPolicies().get('default')!.seccomp
writeFileSync(file, withSeccompTables(readFileSync(file, 'utf8'), profile, readTraceRecord()))
