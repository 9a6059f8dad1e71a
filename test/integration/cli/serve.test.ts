import { existsSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { LABEL } from '../../../orchestrator-service/sandbox/container-spec.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { listByLabels } from '../../../orchestrator-service/sandbox/engine-calls.ts'
import type { JobView } from '../../../src/protocol/job.ts'
import type { Result } from '../../../src/protocol/result.ts'
import { type CliSandbox, createCliSandbox, hourlyCsv, slowStrategy } from '../../support/cli.ts'

const ON_HOURS = ['--symbols', 'HOURS', '--interval', '1h']
/** About two seconds over the bars of these tests, and about a minute. */
const [SOME, LONG] = [1e7, 3e8]
const NO_ENGINE = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' }

async function createSandbox(rounds = SOME): Promise<CliSandbox> {
  const cli = await createCliSandbox()
  await writeFile(join(cli.cwd, 'HOURS-1h.csv'), hourlyCsv(10))
  await writeFile(join(cli.cwd, 'slow.ts'), slowStrategy(rounds))
  await cli.run(['candles', 'import', 'HOURS-1h.csv'])
  return cli
}

async function detach(cli: CliSandbox): Promise<string> {
  const { code, stdout, stderr } = await cli.run(['run', 'slow.ts', ...ON_HOURS, '--detach'])
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

async function listed(cli: CliSandbox): Promise<JobView[]> {
  return (JSON.parse((await cli.run(['runs', '--json'])).stdout) as { runs: JobView[] }).runs
}

/** The first run that runs, as the listing shows it. */
async function untilRunning(cli: CliSandbox): Promise<JobView> {
  for (;;) {
    const runs = await listed(cli)
    const found = runs.find(({ state }) => state === 'running')
    if (found !== undefined) return found
    if (runs.some(({ outcome }) => outcome !== null)) throw new Error(`Ended early: ${JSON.stringify(runs)}`)
  }
}

async function cellsOf(cli: CliSandbox): Promise<number> {
  const { instance } = JSON.parse(await readFile(join(cli.dataDir, 'instance.json'), 'utf8')) as { instance: string }
  return (await listByLabels(connectEngine(), { [LABEL.instance]: instance })).length
}

describe('hotcell serve', () => {
  it('lets a running job end on SIGTERM, takes its service file away and exits 0', async ({ expect }) => {
    await using cli = await createSandbox()
    const service = await cli.serve()
    const file = join(cli.dataDir, 'service.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const id = await detach(cli)
    await untilRunning(cli)

    const { code } = await service.stop()

    expect(code).toBe(0)
    expect(existsSync(file)).toBe(false)
    const result = JSON.parse((await cli.run(['show', id, '--json'])).stdout) as Result
    expect(result.outcome.kind).toBe('ok')
    expect(await cellsOf(cli)).toBe(0)
  })

  it('ends at once on a second signal, and the next start goes on with what was left', async ({ expect }) => {
    await using cli = await createSandbox()
    const first = await cli.serve()
    const id = await detach(cli)
    await untilRunning(cli)

    first.kill('SIGTERM')
    await first.says('stderr', /once more/)
    first.kill('SIGTERM')
    const { code } = await first.ended
    const between = await cli.run(['runs'])
    const second = await cli.serve()
    const follower = await cli.run(['logs', id, '-f'])
    await second.stop()

    expect(code).toBe(143)
    expect(between.stdout).toMatch(new RegExp(`^${id} .*running`, 'm'))
    expect(follower.code).toBe(0)
    const result = JSON.parse((await cli.run(['show', id, '--json'])).stdout) as Result
    expect(result.outcome.kind).toBe('ok')
    expect(await cellsOf(cli)).toBe(0)
  })

  it('can be killed and started again while a command waits for a run', async ({ expect }) => {
    await using cli = await createSandbox()
    const first = await cli.serve()
    const run = cli.start(['run', 'slow.ts', ...ON_HOURS, '--json'])
    await untilRunning(cli)

    await first.stop('SIGKILL')
    const second = await cli.serve()
    const { code, stdout } = await run.ended
    await second.stop()

    expect(code).toBe(0)
    expect((JSON.parse(stdout) as Result).outcome.kind).toBe('ok')
  })

  it('refuses a data directory that is held, and names who holds it', async ({ expect }) => {
    await using cli = await createSandbox()
    const service = await cli.serve()

    const { code, stdout } = await cli.run(['serve', '--port', '0', '--json'])

    expect(code).toBe(6)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'data_dir_locked', details: { pid: service.pid } } })
    expect(existsSync(join(cli.dataDir, 'service.json'))).toBe(true)
  })

  it('says that its address is taken, and has shown the first key by then', async ({ expect }) => {
    await using cli = await createSandbox()
    await using other = await createCliSandbox()
    const service = await cli.serve()

    const refused = await other.run(['serve', '--port', new URL(service.url).port])

    expect(refused).toMatchObject({ code: 6, stdout: '' })
    expect(refused.stderr).toContain('error [service_unavailable]')
    expect(refused.stderr).toMatch(/ hk_[A-Za-z0-9_-]{43}\n/)
    expect(existsSync(join(other.dataDir, 'service.json'))).toBe(false)
  })
})

describe('hotcell without a service', () => {
  it('refuses --detach: nobody would go on', async ({ expect }) => {
    await using cli = await createSandbox()

    const { code, stderr } = await cli.run(['run', 'slow.ts', ...ON_HOURS, '--detach'])

    expect(code).toBe(2)
    expect(stderr).toContain('error [usage]: Cannot detach')
  })

  it('shows and follows a run while another command holds the data directory, also after a service was killed', async ({
    expect,
  }) => {
    await using cli = await createSandbox()
    const killed = await cli.serve()
    await killed.stop('SIGKILL')
    expect(existsSync(join(cli.dataDir, 'service.json'))).toBe(true)
    const run = cli.start(['run', 'slow.ts', ...ON_HOURS])

    const { id } = await untilRunning(cli)
    const refused = await cli.run(['run', 'BuyAndHold', ...ON_HOURS])
    const made = await cli.run(['keys', 'create', '--owner', 'ann'])
    const follower = cli.start(['logs', id, '-f', '--json'])
    const [ran, followed] = await Promise.all([run.ended, follower.ended])

    expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining('error [data_dir_locked]') })
    expect(made.code).toBe(0)
    expect(ran.code).toBe(0)
    expect(followed.code).toBe(0)
    expect(JSON.parse(followed.stdout)).toMatchObject({ logs: [{ source: 'system' }] })
  })

  it('reads runs, results, reports, logs and keys without an engine', async ({ expect }) => {
    await using cli = await createSandbox()
    const ran = await cli.run(['run', 'BuyAndHold', ...ON_HOURS, '--json'])
    const { id } = JSON.parse(ran.stdout) as Result

    for (const args of [['runs'], ['show', id], ['report', id], ['logs', id], ['logs', id, '-f'], ['keys', 'list']])
      expect(await cli.run(args, { env: NO_ENGINE }), args.join(' ')).toMatchObject({ code: 0 })
    const refused = await cli.run(['run', 'BuyAndHold', ...ON_HOURS, '--json'], { env: NO_ENGINE })

    expect(refused.code).toBe(6)
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'engine_unavailable' } })
  })

  it('cancels what a service that was killed left behind', async ({ expect }) => {
    await using cli = await createSandbox(LONG)
    const service = await cli.serve({ env: { HOTCELL_CONCURRENCY: '1' } })
    const running = await detach(cli)
    const waiting = await detach(cli)
    await untilRunning(cli)
    await service.stop('SIGKILL')

    const cancelled = await cli.run(['cancel', waiting])
    const asked = await cli.run(['cancel', running])
    await using next = {
      service: await cli.serve(),
      [Symbol.asyncDispose]: async () => void (await next.service.stop()),
    }
    const followed = await cli.run(['logs', running, '-f'])

    expect(cancelled.stdout).toBe(`${waiting} is cancelled\n`)
    expect(asked.code).toBe(0)
    expect(followed.code).toBe(0)
    expect((await listed(cli)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
  })
})

describe('hotcell backup', () => {
  it('copies what a running service works in; the copy is a data directory with the same runs', async ({ expect }) => {
    await using cli = await createSandbox()
    const service = await cli.serve()
    const ran = await cli.run(['run', 'BuyAndHold', ...ON_HOURS, '--json'])
    const { id } = JSON.parse(ran.stdout) as Result
    const copy = join(cli.cwd, 'copy')

    const made = await cli.run(['backup', copy, '--json'])
    const again = await cli.run(['backup', copy])
    await service.stop()
    const shown = await cli.run(['show', id, '--json'], { env: { HOTCELL_DATA_DIR: copy } })
    const ranThere = await cli.run(['run', 'BuyAndHold', ...ON_HOURS, '--json'], { env: { HOTCELL_DATA_DIR: copy } })

    expect(made.code).toBe(0)
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('not empty') })
    expect(shown.stdout).toBe(ran.stdout)
    expect(existsSync(join(copy, 'service.json'))).toBe(false)
    expect((JSON.parse(ranThere.stdout) as Result).outcome.kind).toBe('ok')
  })
})
