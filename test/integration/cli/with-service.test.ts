import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { JobView } from '../../../src/protocol/job.ts'
import type { Result } from '../../../src/protocol/result.ts'
import { type CliSandbox, type CliService, createCliSandbox, hourlyCsv, slowStrategy } from '../../support/cli.ts'

const HOLD = ['run', 'BuyAndHold', '--symbols', 'HOURS', '--interval', '1h']
const SLOW = ['run', 'slow.ts', '--symbols', 'HOURS', '--interval', '1h']
const NOISY = `import { BaseStrategy } from 'hotcell'
export default class Noisy extends BaseStrategy {
  decide({ index, log }) {
    if (index === 3) log('warn', 'red \\u001b[31m and \\u202e back', { bars: 4 })
    if (index === 4) log('info', 'plain')
    return null
  }
}
`

let cli: CliSandbox
let service: CliService

beforeAll(async () => {
  cli = await createCliSandbox()
  await writeFile(join(cli.cwd, 'HOURS-1h.csv'), hourlyCsv(60))
  await writeFile(join(cli.cwd, 'slow.ts'), slowStrategy(3e7))
  await writeFile(join(cli.cwd, 'noisy.ts'), NOISY)
  await cli.run(['candles', 'import', 'HOURS-1h.csv'])
  service = await cli.serve({ timeoutMs: 900_000 })
})

afterAll(async () => {
  await cli[Symbol.asyncDispose]()
})

async function json<T>(args: readonly string[], exit = 0): Promise<T> {
  const { code, stdout, stderr } = await cli.run([...args, '--json'])
  if (code !== exit) throw new Error(`exit ${code}, expected ${exit}: ${stdout.slice(0, 500)} ${stderr}`)
  return JSON.parse(stdout) as T
}

interface ErrorDocument {
  readonly error: { readonly code: string; readonly hint: string }
}

describe('hotcell beside a running service', () => {
  it('prints the first key once at the first start, and it opens the API', async ({ expect }) => {
    const answer = await fetch(`${service.url}/v1/admin/keys`, {
      headers: { authorization: `Bearer ${service.firstKey!.secret}` },
    })

    const { keys } = (await answer.json()) as { keys: { id: string; owner: string }[] }
    expect(keys[0]).toMatchObject({ id: service.firstKey!.key.id, owner: 'admin' })
    expect(await service.says('stderr', /First key/)).toContain(service.firstKey!.secret)
  })

  it('runs two commands at once on one data directory, both by the service', async ({ expect }) => {
    const both = await Promise.all([json<Result>(HOLD), json<Result>([...HOLD, '--label', 'who=second'])])

    expect(both[0].fingerprint).toBe(both[1].fingerprint)
    expect(both[0].fingerprint).toMatch(/^[0-9a-f]{64}$/)
    const { runs } = await json<{ runs: JobView[] }>(['runs', '--symbol', 'HOURS', '--state', 'completed'])
    expect(runs.map(({ id }) => id)).toEqual(expect.arrayContaining(both.map(({ id }) => id)))
    expect(runs[0]).toMatchObject({ owner: 'local', state: 'completed' })
  })

  it('shows a run as `run` printed it, and where its report is', async ({ expect }) => {
    const ran = await cli.run(HOLD)
    const id = /Run +(r-[a-z2-7]{16})/.exec(ran.stdout)![1]!

    expect((await cli.run(['show', id])).stdout).toBe(ran.stdout)
    const { report, bytes } = await json<{ report: string; bytes: number }>(['report', id])
    expect(report).toBe(join(cli.dataDir, 'runs', id, 'report.html'))
    expect(bytes).toBeGreaterThan(10_000)
  })

  it('filters and pages `runs`', async ({ expect }) => {
    await json([...HOLD, '--label', 'page=1'])
    const second = await json<Result>([...HOLD, '--label', 'page=2'])

    const labelled = await json<{ runs: JobView[] }>(['runs', '--label', 'page=2'])
    const one = await json<{ runs: JobView[]; cursor: string | null }>(['runs', '--limit', '1'])
    const all = await json<{ runs: JobView[]; cursor: string | null }>(['runs', '--all'])
    const none = await cli.run(['runs', '--strategy', 'Momentum'])
    const some = await cli.run(['runs', '--limit', '1'])

    expect(labelled.runs.map(({ id }) => id)).toEqual([second.id])
    expect(one.runs).toHaveLength(1)
    expect(one.cursor).not.toBeNull()
    expect(all.runs.length).toBeGreaterThan(1)
    expect(all.cursor).toBeNull()
    expect(none.stdout).toBe('No such runs\n')
    expect(some.stderr).toContain('There are more')
  })

  it('leaves a detached run to the service, shows how far it is, and cancels it', async ({ expect }) => {
    const { id } = await json<{ id: string }>([...SLOW, '--detach'])
    const follower = cli.start(['logs', id, '-f'])
    await follower.says('stdout', /Attempt 1 taken/)

    const shown = await cli.run(['show', id])
    const refused = await json<ErrorDocument>(['delete', id], 2)
    const cancelled = await cli.run(['cancel', id])
    const followed = await follower.ended
    const again = await cli.run(['cancel', id])

    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining(`${id} is running`) })
    expect(refused.error.code).toBe('not_finished')
    expect(cancelled).toMatchObject({ code: 0, stdout: expect.stringContaining('cancelled') })
    expect(followed).toMatchObject({ code: 0, stdout: expect.stringContaining('Cancelled by local') })
    expect(again.stdout).toBe(`${id} is cancelled\n`)
    expect(await json<Result>(['show', id])).toMatchObject({ outcome: { kind: 'cancelled' } })
  })

  it('cancels on SIGINT with exit 130, and the service knows', async ({ expect }) => {
    const run = cli.start([...SLOW, '--label', 'who=interrupted'])
    for (let state: string | undefined; state !== 'running';)
      state = (await json<{ runs: JobView[] }>(['runs', '--label', 'who=interrupted'])).runs[0]?.state

    run.kill('SIGINT')
    const { code, stderr } = await run.ended

    expect(code).toBe(130)
    expect(stderr).toContain('error [cancelled]: ')
    const { runs } = await json<{ runs: JobView[] }>(['runs', '--label', 'who=interrupted'])
    expect(runs).toMatchObject([{ state: 'cancelled' }])
  })

  it('shows what a strategy logged with its control characters made visible', async ({ expect }) => {
    const ran = await cli.run(['run', 'noisy.ts', '--symbols', 'HOURS', '--interval', '1h'])
    const id = /Run +(r-[a-z2-7]{16})/.exec(ran.stdout)![1]!

    const warnings = await cli.run(['logs', id, '--level', 'warn'])
    const { logs } = await json<{ logs: { text: string }[] }>(['logs', id, '--source', 'strategy'])
    const followed = await json<{ logs: { text: string }[] }>(['logs', id, '-f', '--source', 'strategy'])

    for (const text of [ran.stderr, warnings.stdout]) {
      expect(text).toContain('HOURS: red \\u{1b}[31m and \\u{202e} back bars=4')
      for (const hostile of ['\u001b', '\u202e']) expect(text).not.toContain(hostile)
    }
    expect(warnings.stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(logs.map(({ text }) => text)).toEqual(['red \u001b[31m and \u202e back', 'plain'])
    expect(followed).toEqual({ run: id, logs })
  })

  it('verifies a run: the same again, exit 5 when the candles have changed', async ({ expect }) => {
    const { id, fingerprint } = await json<Result>(HOLD)
    const same = await json<{ same: boolean; verification: string }>(['verify', id])
    await writeFile(join(cli.cwd, 'HOURS-1h.csv'), hourlyCsv(50))
    await cli.run(['candles', 'import', 'HOURS-1h.csv'])

    const other = await cli.run(['verify', id])

    expect(same).toMatchObject({ run: id, same: true, expected: fingerprint, fingerprint })
    expect((await json<{ runs: JobView[] }>(['runs', '--limit', '2'])).runs[1]).toMatchObject({
      id: same.verification,
      verifies: id,
    })
    expect(other).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('Another fingerprint') })
    expect(await json<ErrorDocument>(['verify', 'r-aaaaaaaaaaaaaaaa'], 2)).toMatchObject({
      error: { code: 'unknown_run' },
    })
  })

  it('deletes a run with its files', async ({ expect }) => {
    const { id } = await json<Result>(HOLD)

    expect(await json(['delete', id])).toEqual({ deleted: id })
    for (const command of ['show', 'report', 'logs', 'cancel', 'delete'])
      expect(await json<ErrorDocument>([command, id], 2), command).toMatchObject({ error: { code: 'unknown_run' } })
  })

  it('validates through the service', async ({ expect }) => {
    expect(await json(['validate', 'slow.ts'])).toMatchObject({ outcome: { kind: 'ok' }, inspection: { name: 'Slow' } })
  })

  it.for([
    ['logs', 'r-aaaaaaaaaaaaaaaa', '--level', 'loud'],
    ['logs', 'r-aaaaaaaaaaaaaaaa', '--source', 'moon'],
    ['keys', 'create', '--owner', 'a', '--role', 'king'],
    ['keys', 'create'],
    ['runs', '--all', '--limit', '3'],
    ['runs', '--label', 'nothing'],
    ['serve', '--port', 'http'],
    ['cancel'],
  ])('refuses %j as usage', async (args, { expect }) => {
    expect((await json<ErrorDocument>(args, 2)).error).toMatchObject({
      code: 'usage',
      hint: expect.stringMatching(/\S/),
    })
  })

  it.for([
    ['runs', '--state', 'asleep'],
    ['runs', '--limit', '0'],
    ['keys', 'create', '--owner', 'two words'],
  ])('passes on what the service says of %j', async (args, { expect }) => {
    expect((await json<ErrorDocument>(args, 2)).error.code).toBe('invalid_request')
  })
})
