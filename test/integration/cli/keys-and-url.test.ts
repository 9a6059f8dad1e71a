import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { Result } from '../../../src/protocol/result.ts'
import { type CliSandbox, type CliService, createCliSandbox, hourlyCsv } from '../../support/cli.ts'

const HOLD = ['run', 'BuyAndHold', '--symbols', 'HOURS', '--interval', '1h']

let cli: CliSandbox
let service: CliService
let elsewhere: CliSandbox

beforeAll(async () => {
  cli = await createCliSandbox()
  elsewhere = await createCliSandbox()
  await writeFile(join(cli.cwd, 'HOURS-1h.csv'), hourlyCsv(20))
  await cli.run(['candles', 'import', 'HOURS-1h.csv'])
  service = await cli.serve({ timeoutMs: 600_000 })
})

afterAll(async () => {
  await cli[Symbol.asyncDispose]()
  await elsewhere[Symbol.asyncDispose]()
})

async function createKey(owner: string, role = 'user'): Promise<{ key: { id: string }; secret: string }> {
  const { stdout } = await cli.run(['keys', 'create', '--owner', owner, '--role', role, '--json'])
  return JSON.parse(stdout) as { key: { id: string }; secret: string }
}

/** A command on another machine: another data directory, the service by its address. */
async function remote(args: readonly string[], secret: string | undefined, url = service.url) {
  const { code, stdout, stderr } = await elsewhere.run([...args, '--json'], {
    env: { HOTCELL_URL: url, HOTCELL_KEY: secret },
  })
  const document = JSON.parse(stdout) as { error?: { code: string; hint: string; message: string } }
  return { code, document, stderr, errorCode: document.error?.code }
}

describe('hotcell keys', () => {
  it('makes, lists and revokes keys; a revoked one opens nothing any more', async ({ expect }) => {
    const { key, secret } = await createKey('carol')
    const listed = await cli.run(['keys', 'list'])
    const before = await remote(['runs'], secret)

    const revoked = await cli.run(['keys', 'revoke', key.id])
    const after = await remote(['runs'], secret)

    expect(secret).toMatch(/^hk_[A-Za-z0-9_-]{43}$/)
    expect(listed.stdout).toMatch(new RegExp(`^${key.id} +carol +user `, 'm'))
    expect(listed.stdout).not.toContain(secret)
    expect(before).toMatchObject({ code: 0, document: { runs: [] } })
    expect(revoked).toMatchObject({ code: 0, stdout: `Revoked ${key.id} of carol\n` })
    expect(after).toMatchObject({ code: 2, errorCode: 'unauthorized' })
    const unknown = JSON.parse((await cli.run(['keys', 'revoke', 'k-nobody', '--json'])).stdout) as object
    expect(unknown).toMatchObject({ error: { code: 'unknown_key' } })
  })

  it('works on the data directory when no service runs', async ({ expect }) => {
    await using alone = await createCliSandbox()

    const made = await alone.run(['keys', 'create', '--owner', 'dave'])
    const listed = JSON.parse((await alone.run(['keys', 'list', '--json'])).stdout) as { keys: { owner: string }[] }

    expect(made.code).toBe(0)
    expect(made.stdout).toMatch(/^hk_[A-Za-z0-9_-]{43}\n$/)
    expect(listed.keys).toMatchObject([{ owner: 'dave', role: 'user', revokedAt: null }])
  })
})

describe('hotcell with HOTCELL_URL', () => {
  it('runs, shows and copies the report of a run on a service elsewhere', async ({ expect }) => {
    const { secret } = await createKey('alice')
    const env = { HOTCELL_URL: service.url, HOTCELL_KEY: secret }

    const ran = await remote(HOLD, secret)
    const { id } = ran.document as unknown as Result
    const shown = await elsewhere.run(['show', id], { env })
    const report = await remote(['report', id], secret)

    expect(ran).toMatchObject({ code: 0, document: { outcome: { kind: 'ok' } } })
    expect(shown.stdout).toContain(`hotcell report ${id}`)
    expect(report.document).toMatchObject({ report: join(elsewhere.cwd, `${id}.html`) })
  })

  it("hides other users' runs", async ({ expect }) => {
    const [{ secret: one }, { secret: two }] = [await createKey('erin'), await createKey('frank')]
    const { id } = (await remote(HOLD, one)).document as unknown as Result

    for (const command of ['show', 'logs', 'cancel', 'delete', 'verify'])
      expect(await remote([command, id], two), command).toMatchObject({ code: 2, errorCode: 'unknown_run' })
    expect((await remote(['show', id], one)).code).toBe(0)
  })

  it('says what is wrong with the key', async ({ expect }) => {
    const auditor = await createKey('grace', 'auditor')

    expect(await remote(['runs'], undefined)).toMatchObject({ code: 2, errorCode: 'usage' })
    expect(await remote(['runs'], `hk_${'A'.repeat(43)}`)).toMatchObject({ code: 2, errorCode: 'unauthorized' })
    expect(await remote(HOLD, auditor.secret)).toMatchObject({ code: 2, errorCode: 'forbidden' })
    expect(await remote(['keys', 'list'], (await createKey('henry')).secret)).toMatchObject({ errorCode: 'forbidden' })
  })

  it('says when nobody answers, or something that is no Hotcell', async ({ expect }) => {
    const stranger = createServer((_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html' })
      response.end('<h1>Bad gateway</h1>')
    })
    await new Promise<void>((resolve) => {
      stranger.listen(0, '127.0.0.1', resolve)
    })
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`

    const answered = await remote(['runs'], 'hk_x', url)
    await new Promise((resolve) => {
      stranger.close(resolve)
    })
    const closed = await remote(HOLD, 'hk_x', url)
    const text = await elsewhere.run(['runs'], { env: { HOTCELL_URL: url, HOTCELL_KEY: 'hk_x' } })

    expect(answered).toMatchObject({ code: 6, errorCode: 'service_unreachable' })
    expect(answered.document.error?.message).toContain('502')
    expect(closed).toMatchObject({ code: 6, errorCode: 'service_unreachable' })
    expect(text.stderr).toMatch(/^error \[service_unreachable\]: .*ECONNREFUSED.*\n {2}hint: \S/)
  })

  it('refuses an address that is none', async ({ expect }) => {
    expect(await remote(['runs'], 'hk_x', 'ftp://x')).toMatchObject({ code: 2, errorCode: 'usage' })
  })
})
