import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import type { Comparison } from '../../../src/protocol/comparison.ts'
import type { Result } from '../../../src/protocol/result.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { listByLabels } from '../../../orchestrator-service/sandbox/engine-calls.ts'
import { LABEL } from '../../../orchestrator-service/sandbox/container-spec.ts'
import { type CliSandbox, createCliSandbox, hourlyCsv, slowStrategy } from '../../support/cli.ts'

const SLOW = slowStrategy(3e7)

async function importHours(cli: CliSandbox, days: number): Promise<void> {
  await writeFile(join(cli.cwd, 'HOURS-1h.csv'), hourlyCsv(days))
  await cli.run(['candles', 'import', 'HOURS-1h.csv'])
}

async function cellsOf(cli: CliSandbox): Promise<number> {
  const { instance } = JSON.parse(await readFile(join(cli.dataDir, 'instance.json'), 'utf8')) as { instance: string }
  return (await listByLabels(connectEngine(), { [LABEL.instance]: instance })).length
}

describe('hotcell', () => {
  it('takes a new strategy from template to result, report and listing', async ({ expect }) => {
    await using cli = await createCliSandbox()
    await importHours(cli, 90)

    const made = await cli.run(['new', 'my-strategy'])
    const checked = await cli.run(['validate', 'my-strategy.ts', '--json'])
    const ran = await cli.run(['run', 'my-strategy.ts', '--symbols', 'HOURS', '--interval', '1h'])
    const listed = JSON.parse((await cli.run(['runs', '--json'])).stdout) as { runs: { id: string }[] }
    const id = listed.runs[0]!.id
    const shown = await cli.run(['show', id])
    const report = JSON.parse((await cli.run(['report', id, '--json'])).stdout) as { report: string }

    expect(made.code).toBe(0)
    expect(JSON.parse(checked.stdout)).toMatchObject({
      outcome: { kind: 'ok' },
      inspection: { kind: 'proposal', lookback: 20 },
    })
    expect(ran.code).toBe(0)
    expect(listed.runs).toHaveLength(1)
    expect(shown.stdout).toBe(ran.stdout)
    expect(await readFile(report.report, 'utf8')).toContain('<!doctype html>')
    expect(await cellsOf(cli)).toBe(0)
  })

  it('shows the result of an earlier run with the same inputs, and says whose it is, unless told to run', async ({
    expect,
  }) => {
    await using cli = await createCliSandbox()
    await importHours(cli, 90)
    const env = { HOTCELL_CACHE: '1' }
    const flags = ['--symbols', 'HOURS', '--interval', '1h']
    const runJson = async (...more: string[]): Promise<Result> =>
      JSON.parse((await cli.run(['run', 'SmaCrossover', ...flags, '--json', ...more], { env })).stdout) as Result
    const first = await runJson()

    const again = await runJson('--label', 'of=again')
    const anew = await runJson('--no-cache')
    const shown = await cli.run(['run', 'SmaCrossover', ...flags], { env })

    expect(again.provenance.cachedFrom).toBe(first.id)
    expect(again).toMatchObject({ fingerprint: first.fingerprint, options: { labels: { of: 'again' } } })
    expect(anew.provenance).not.toHaveProperty('cachedFrom')
    expect(anew.fingerprint).toBe(first.fingerprint)
    expect(shown.code).toBe(0)
    // The newest of its own
    expect(shown.stdout).toContain(`run ${anew.id}: same inputs`)
  })

  it('compares runs, and says which cannot be compared', async ({ expect }) => {
    await using cli = await createCliSandbox()
    await importHours(cli, 90)
    const ids: string[] = []
    for (const fast of [5, 10]) {
      const flags = ['--symbols', 'HOURS', '--interval', '1h', '--param', `fast=${fast}`, '--json']
      ids.push((JSON.parse((await cli.run(['run', 'SmaCrossover', ...flags])).stdout) as Result).id)
    }

    const shown = await cli.run(['compare', ...ids])
    const twice = await cli.run(['compare', ids[0]!, ids[0]!])
    const alone = await cli.run(['compare', ids[0]!])
    const unknown = await cli.run(['compare', ids[0]!, 'r-aaaaaaaaaaaaaaaa'])
    const { trials, runs } = JSON.parse((await cli.run(['compare', ...ids, '--json'])).stdout) as Comparison

    expect(shown.stdout).toMatch(/^A {2}SmaCrossover: fast 5, slow 30/)
    expect(shown.stdout).toContain('Deflated Sharpe: 2 trials')
    expect(trials).toMatchObject({ count: 2, capped: false })
    expect(runs[0]!.metrics.dsr.value).not.toBeNull()
    expect([twice.code, alone.code, unknown.code]).toEqual([2, 2, 2])
    expect(twice.stderr).toContain('[invalid_request]')
    expect(unknown.stderr).toContain('[unknown_run]')
  })

  it('never writes over a file with `new`', async ({ expect }) => {
    await using cli = await createCliSandbox()
    await writeFile(join(cli.cwd, 'mine.ts'), 'precious')

    const result = await cli.run(['new', 'mine'])

    expect(result.code).toBe(2)
    expect(await readFile(join(cli.cwd, 'mine.ts'), 'utf8')).toBe('precious')
  })

  it('cancels on SIGINT with exit 130 and leaves no cell', async ({ expect }) => {
    await using cli = await createCliSandbox()
    await importHours(cli, 90)
    await writeFile(join(cli.cwd, 'slow.ts'), SLOW)
    let asked = false

    const result = await cli.run(['run', 'slow.ts', '--symbols', 'HOURS', '--interval', '1h'], {
      onStderr: (text, pid) => {
        if (asked || !text.includes('decide')) return
        asked = true
        process.kill(pid, 'SIGINT')
      },
    })

    expect(asked).toBe(true)
    expect(result.code).toBe(130)
    expect(result.stderr).toContain('[cancelled]')
    expect(await cellsOf(cli)).toBe(0)
  })

  it('refuses a second holder of the data directory, names it, and takes over after a crash', async ({ expect }) => {
    await using cli = await createCliSandbox()
    await importHours(cli, 90)
    await writeFile(join(cli.cwd, 'slow.ts'), SLOW)
    let holder = 0
    const started = Promise.withResolvers<void>()
    const first = cli.run(['run', 'slow.ts', '--symbols', 'HOURS', '--interval', '1h'], {
      onStderr: (text, pid) => {
        holder = pid
        if (text.includes('decide')) started.resolve()
      },
    })
    await started.promise

    const second = await cli.run(['run', 'BuyAndHold', '--symbols', 'HOURS', '--interval', '1h'])
    process.kill(holder, 'SIGKILL')
    await first
    const third = await cli.run(['run', 'BuyAndHold', '--symbols', 'HOURS', '--interval', '1h', '--json'])

    expect(second.code).toBe(6)
    expect(second.stderr).toContain('error [data_dir_locked]')
    expect(second.stderr).toContain(String(holder))
    expect((JSON.parse(third.stdout) as Result).outcome.kind).toBe('ok')
    expect(await cellsOf(cli)).toBe(0)
  })

  it('runs the demo with a summary, a report and a fingerprint', async ({ expect }) => {
    await using cli = await createCliSandbox()

    const result = await cli.run(['demo', '--json'])

    const document = JSON.parse(result.stdout) as Result
    expect(document.outcome.kind).toBe('ok')
    expect(document.trades!.rows).toBeGreaterThan(10)
    expect(document.window!.end - document.window!.start).toBeGreaterThanOrEqual(400 * 86_400_000)
    await access(join(import.meta.dirname, '../../../.demo/runs', document.id, 'report.html'))
  })
})
