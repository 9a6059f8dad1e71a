import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { ChainReport } from '../../../orchestrator-service/audit/verify-chain.ts'
import type { AuditRecord } from '../../../orchestrator-service/audit/audit-event.ts'
import { buildLine, type ChainHead, GENESIS } from '../../../orchestrator-service/audit/chain.ts'
import { type CliSandbox, createCliSandbox, hourlyCsv } from '../../support/cli.ts'
import { waitFor } from '../../support/service.ts'

const HOLD = ['run', 'BuyAndHold', '--symbols', 'HOURS', '--interval', '1h']

let cli: CliSandbox
let path: string
let runs: string[]

beforeAll(async () => {
  cli = await createCliSandbox()
  path = join(cli.dataDir, 'audit.ndjson')
  writeFileSync(join(cli.cwd, 'HOURS-1h.csv'), hourlyCsv(20))
  await cli.run(['candles', 'import', 'HOURS-1h.csv'])
  runs = []
  for (let i = 0; i < 3; i += 1) {
    const { stdout } = await cli.run([...HOLD, '--json'])
    runs.push((JSON.parse(stdout) as { id: string }).id)
  }
}, 180_000)
afterAll(async () => await cli[Symbol.asyncDispose]())

/** With another log in the place of the real one. */
async function withLog<T>(bytes: Uint8Array, step: () => Promise<T>): Promise<T> {
  const real = readFileSync(path)
  writeFileSync(path, bytes)
  try {
    return await step()
  } finally {
    writeFileSync(path, real)
  }
}

describe('hotcell audit', () => {
  it('verifies a whole log, and locates one flipped byte', { timeout: 60_000 }, async ({ expect }) => {
    const bytes = readFileSync(path)
    const whole = await cli.run(['audit', 'verify'])
    expect(whole).toMatchObject({ code: 0, stderr: '' })
    expect(whole.stdout).toMatch(/^Whole: \d+ records, \d+ bytes, head \d+ [0-9a-f]{64}\n$/)

    const at = Math.floor(bytes.length / 2)
    const changed = Buffer.from(bytes)
    changed[at] = changed[at]! ^ 4
    const line = changed.subarray(0, at).filter((byte) => byte === 10).length + 1
    const [shown, json] = await withLog(
      changed,
      async () => [await cli.run(['audit', 'verify']), await cli.run(['audit', 'verify', '--json'])] as const,
    )

    expect(shown.code).toBe(5)
    expect(shown.stdout).toContain(`sequence ${line}, line ${line}, from byte ${changed.lastIndexOf(10, at) + 1}`)
    expect(shown.stdout).toContain(`byte ${at} is 0x`)
    expect(json.code).toBe(5)
    expect(JSON.parse(json.stdout) as ChainReport).toMatchObject({
      ok: false,
      problem: { sequence: line, line, byte: { offset: at, found: changed[at], expected: bytes[at] } },
    })
  })

  it('finds a truncated tail against an anchor', { timeout: 60_000 }, async ({ expect }) => {
    const file = join(cli.cwd, 'anchor.json')
    const made = await cli.run(['audit', 'anchor', '--out', file])
    const good = await cli.run(['audit', 'verify', '--anchor', file])
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -3)
    const cut = await withLog(Buffer.from(`${lines.join('\n')}\n`), async () => [
      await cli.run(['audit', 'verify']),
      await cli.run(['audit', 'verify', '--anchor', file]),
    ])

    expect(made.code).toBe(0)
    expect(good.code).toBe(0)
    expect(good.stdout).toMatch(/contains the anchor at sequence \d+/)
    expect(cut.map(({ code }) => code)).toEqual([0, 5])
    expect(cut[1]!.stdout).toMatch(/the log ends before the anchor: 2 records up to sequence \d+ are missing/)
    expect((await cli.run(['audit', 'verify', '--anchor', path])).code).toBe(2)
    expect((await cli.run(['audit', 'verify', '--anchor', 'nowhere.json'])).code).toBe(2)
  })

  it('exports its lines byte for byte, whole or a range', async ({ expect }) => {
    const out = join(cli.cwd, 'export.ndjson')
    await cli.run(['audit', 'export', '--out', out])
    const range = await cli.run(['audit', 'export', '--from', '2', '--to', '3'])

    const text = readFileSync(path, 'utf8')
    expect(readFileSync(out, 'utf8')).toBe(text)
    expect(range.stdout).toBe(`${text.split('\n').slice(1, 3).join('\n')}\n`)
    expect((await cli.run(['audit', 'export', '--from', 'x'])).code).toBe(2)
    expect((await cli.run(['audit', 'export', '--out', join(cli.cwd, 'no/such/place')])).code).toBe(2)
  })

  it('shows records of a run or of a type, one a line, without control characters', async ({ expect }) => {
    const shown = await cli.run(['audit', 'show', '--job', runs[0]!])
    const json = await cli.run(['audit', 'show', '--type', 'cell_ended', '--json'])
    const { line } = buildLine(GENESIS, 'now', {
      type: 'job_cancel_requested',
      job: 'r',
      by: '\u001b[31mred\r\n\u202eback',
    })
    const hostile = await withLog(Buffer.from(line), async () => await cli.run(['audit', 'show']))

    const types = shown.stdout
      .trimEnd()
      .split('\n')
      .map((row) => /^ *\d+  \S+  (\w+)  /.exec(row)?.[1])
    expect(types).toEqual([
      'job_submitted',
      'job_taken',
      'cell_started',
      'cell_attested',
      'cell_ended',
      'job_finished',
      'cell_gone',
    ])
    expect((JSON.parse(json.stdout) as { records: AuditRecord[] }).records).toHaveLength(3)
    expect(hostile.stdout).toContain('by=\\u{1b}[31mred\\u{d}\\n\\u{202e}back')
    expect(hostile.stdout.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  it('says so where there is no log', async ({ expect }) => {
    await using empty = await createCliSandbox()

    for (const command of ['verify', 'show', 'export', 'anchor']) {
      const { code, stdout } = await empty.run(['audit', command, '--json'])
      expect(code).toBe(2)
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage' } })
    }
  })

  it('stops a run whose log is damaged, and says what to do', { timeout: 60_000 }, async ({ expect }) => {
    const bytes = readFileSync(path)
    bytes[bytes.length - 100] = bytes[bytes.length - 100]! ^ 1

    const { code, stdout } = await withLog(bytes, async () => await cli.run([...HOLD, '--json']))

    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'audit_damaged' } })
  })
})

describe('hotcell cells and prune', () => {
  it('show no cells where there are none, and prune through no service', { timeout: 60_000 }, async ({ expect }) => {
    const cells = await cli.run(['cells'])
    const none = await cli.run(['prune', '--older-than', '30d', '--json'])
    const dry = await cli.run(['prune', '--older-than', '0s', '--keep', '1', '--dry-run'])
    const done = await cli.run(['prune', '--older-than', '0s', '--keep', '1'])
    const left = await cli.run(['runs', '--json'])
    const verified = await cli.run(['audit', 'verify'])

    expect(cells.stdout).toBe('No cells\n')
    expect(JSON.parse(none.stdout)).toMatchObject({ jobs: [], images: [], dryRun: false })
    expect(dry.stdout).toBe(`${runs[1]!}\n${runs[0]!}\n`)
    expect(dry.stderr).toContain('Would remove 2 runs')
    expect(done.stdout).toBe(dry.stdout)
    expect((JSON.parse(left.stdout) as { runs: { id: string }[] }).runs.map(({ id }) => id)).toEqual([runs[2]])
    expect(verified.code).toBe(0)
    expect((await cli.run(['prune', '--older-than', 'a month'])).code).toBe(2)
    expect((await cli.run(['prune'])).code).toBe(2)
  })
})

describe('hotcell serve on a full disk', () => {
  const LIMIT = 4 * 1024 * 1024

  /** A chain that is as long as the limit of a file allows, but for a few bytes. */
  function longChain(): string {
    const lines: string[] = []
    let head: ChainHead = GENESIS
    for (let bytes = 0; bytes < LIMIT - 3000;) {
      const next = buildLine(head, '2024-07-02T08:00:00.000Z', { type: 'key_revoked', key: 'k'.repeat(400), by: 'x' })
      lines.push(next.line)
      bytes += next.line.length
      head = next.head
    }
    return lines.join('')
  }

  it(
    'runs nothing that it cannot write down, and goes on when there is room',
    { timeout: 120_000 },
    async ({ expect }) => {
      await using full = await createCliSandbox()
      writeFileSync(join(full.cwd, 'HOURS-1h.csv'), hourlyCsv(20))
      await full.run(['candles', 'import', 'HOURS-1h.csv'])
      writeFileSync(join(full.dataDir, 'audit.ndjson'), longChain())
      const limit = async (pid: number, bytes: string): Promise<void> => {
        const child = spawn('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`], { stdio: 'inherit' })
        await new Promise((resolve) => child.on('close', resolve))
      }
      const service = await full.serve({ timeoutMs: 110_000 })
      await limit(service.pid, String(LIMIT))

      const codes: string[] = []
      await waitFor('a refusal', async () => {
        const { stdout } = await full.run([...HOLD, '--detach', '--json'])
        const { error } = JSON.parse(stdout) as { error?: { code: string } }
        if (error !== undefined) codes.push(error.code)
        return codes.length > 1
      })
      const waiting = JSON.parse((await full.run(['runs', '--json'])).stdout) as { runs: { state: string }[] }
      await limit(service.pid, 'unlimited')
      const after = await waitFor('room', async () => {
        const { code, stdout } = await full.run([...HOLD, '--json'])
        return code === 0 && (JSON.parse(stdout) as { id: string })
      })
      await waitFor('the end of all', async () => {
        const { runs: all } = JSON.parse((await full.run(['runs', '--json'])).stdout) as { runs: { state: string }[] }
        return all.every(({ state }) => state === 'completed')
      })
      const stopped = await service.stop()

      expect(codes).toEqual(['service_unavailable', 'service_unavailable'])
      expect(waiting.runs.filter(({ state }) => state === 'running')).toEqual([])
      const shown = JSON.parse((await full.run(['audit', 'show', '--job', after.id, '--json'])).stdout) as {
        records: unknown[]
      }
      expect(shown.records).toHaveLength(7)
      expect(stopped.stderr).toContain('Cannot write the audit log')
      expect((await full.run(['audit', 'show', '--type', 'writing_resumed'])).stdout).toContain('EFBIG')
      expect((await full.run(['audit', 'verify'])).code).toBe(0)
    },
  )
})
