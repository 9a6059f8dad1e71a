import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { sampleBacktest, startTestService, type TestService } from '../support/api-service.ts'

/**
 * Fuzzes a real service from its own document: `npm run fuzz:api`. Schemathesis lives in a virtual environment outside the
 * project. What it must not find: an answer with 5xx, or one that is not as the document says (status, media type, headers,
 * shape), a request without a valid key that is served, an unknown method that is not refused, a request outside the schema
 * that is accepted. Once over all routes with made-up ids, once over the routes of a job that exists.
 */
const VERSION = '4.32.5'
const VENV = join(tmpdir(), `hotcell-schemathesis-${VERSION}`)
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'allow_header_conformance',
  'ignored_auth',
]

const { values } = parseArgs({
  options: { examples: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
})

const run = promisify(execFile)

/** The program, or why there is none. */
async function installSchemathesis(): Promise<{ program: string } | { missing: string }> {
  const program = join(VENV, 'bin', 'st')
  if (existsSync(program)) return { program }
  try {
    await run('python3', ['-m', 'venv', VENV], { timeout: 120_000 })
    await run(join(VENV, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${VERSION}`], { timeout: 600_000 })
    return { program }
  } catch (error) {
    return { missing: (error as Error).message }
  }
}

async function runSchemathesis(
  program: string,
  service: TestService,
  options: { before?: readonly string[]; after?: readonly string[] },
): Promise<number> {
  const { before = [], after = [] } = options
  const common = ['--checks', CHECKS.join(','), '--max-examples', values.examples, '--seed', values.seed]
  const header = ['--header', `Authorization: Bearer ${service.token}`]
  const limits = ['--request-timeout', '90', '--generation-database', 'none']
  const args = [...before, 'run', `${service.url}/openapi.json`, ...header, ...common, ...limits, ...after]
  const child = spawn(program, args, { stdio: 'inherit', cwd: tmpdir() })
  return await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exit) => resolve(exit ?? 1))
  })
}

async function fuzzOneJob(program: string, service: TestService): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'hotcell-fuzz-'))
  try {
    const job = await service.json('POST', '/v1/backtests?wait=60', { body: sampleBacktest() })
    const config = join(folder, 'schemathesis.toml')
    await writeFile(config, `[parameters]\n"path.id" = "${String(job['id'])}"\n`)
    const after = ['--include-path-regex', '/v1/backtests/\\{id\\}', '--exclude-method', 'DELETE']
    return await runSchemathesis(program, service, { before: ['--config-file', config], after })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function reportAnswers(service: TestService): number {
  const answers = new Map<number, number>()
  for (const line of service.logLines) {
    const { status, level } = JSON.parse(line) as { status?: number; level: number }
    if (status !== undefined) answers.set(status, (answers.get(status) ?? 0) + 1)
    if (level >= 50) process.stdout.write(line)
  }
  const counts = [...answers].sort(([a], [b]) => a - b)
  process.stdout.write(`Answers by status: ${counts.map(([status, count]) => `${status}: ${count}`).join(', ')}\n`)
  return counts.some(([status]) => status >= 500) ? 1 : 0
}

const installed = await installSchemathesis()
if ('missing' in installed) {
  process.stdout.write(`Left out: fuzzing of the API; schemathesis cannot be installed (${installed.missing})\n`)
} else {
  await using service = await startTestService({ HOTCELL_MAX_QUEUED: '10000', HOTCELL_MAX_QUEUED_PER_OWNER: '10000' })
  const codes = [await runSchemathesis(installed.program, service, {}), await fuzzOneJob(installed.program, service)]
  process.exitCode = Math.max(...codes, reportAnswers(service))
}
