import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { buildStrategyTemplate } from '../../../orchestrator-service/strategies/template.ts'
import { type CliSandbox, createCliSandbox, hourlyCsv } from '../../support/cli.ts'

const run = promisify(execFile)
const FOLDER = join(PROJECT_ROOT, 'examples/api')
const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.log('The Python example is left out: there is no python3')

let cli: CliSandbox
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  cli = await createCliSandbox()
  await writeFile(join(cli.cwd, 'HOURS-1h.csv'), hourlyCsv(40))
  await writeFile(join(cli.cwd, 'mine.ts'), buildStrategyTemplate('Mine'))
  await writeFile(join(cli.cwd, 'broken.ts'), 'export default class {')
  await cli.run(['candles', 'import', 'HOURS-1h.csv'])
  const { url } = await cli.serve({ timeoutMs: 300_000 })
  const { stdout } = await cli.run(['keys', 'create', '--owner', 'reader'])
  env = { ...process.env, HOTCELL_URL: url, HOTCELL_KEY: stdout.trim() }
})

afterAll(async () => {
  await cli[Symbol.asyncDispose]()
})

async function example(
  command: string,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(command, args, { cwd: cli.cwd, env, timeout: 90_000 })) }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

describe.for([
  ['run-backtest.ts', process.execPath, true],
  ['run_backtest.py', 'python3', hasPython],
] as const)('examples/api/%s', ([file, command, possible]) => {
  it.runIf(possible)('submits a file, follows it and prints its end', async ({ expect }) => {
    const { code, stdout, stderr } = await example(command, [join(FOLDER, file), 'mine.ts', 'HOURS', '1h'])

    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^r-[a-z2-7]{16}: equity \d+\.\d\d, .*[0-9a-f]{64}$/)
  })

  it.runIf(possible)('says why a run failed, and why a submission was refused', async ({ expect }) => {
    const failed = await example(command, [join(FOLDER, file), 'broken.ts', 'HOURS', '1h'])
    const refused = await example(command, [join(FOLDER, file), 'mine.ts', 'HOURS', '7h'])

    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('strategy_error(syntax)') })
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/invalid_config: [\s\S]*at \/interval: /) })
  })
})
