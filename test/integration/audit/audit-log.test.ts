import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { auditFile } from '../../../orchestrator-service/audit/audit-lines.ts'
import { type AuditLog, openAuditLog } from '../../../orchestrator-service/audit/audit-log.ts'
import { verifyChain } from '../../../orchestrator-service/audit/verify-chain.ts'
import { readAuditEvents } from '../../support/audit.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const CHILD = join(import.meta.dirname, '../../support/audit-child.ts')

async function open(dataDir: string): Promise<AuditLog> {
  return await openAuditLog({
    dataDir,
    begin: async () => ({ type: 'chain_started', instance: '0123456789ab', jobs: 0 }),
    log: () => {},
  })
}

const revoked = (key: string) => ({ type: 'key_revoked', key, by: 'test' }) as const

interface Child {
  readonly pid: number
  readonly lines: string[]
  readonly ended: Promise<void>
  kill(): void
}

function startChild(args: readonly string[], command = process.execPath): Child {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  child.stdout.setEncoding('utf8')
  let text = ''
  child.stdout.on('data', (more: string) => {
    text += more
    const parts = text.split('\n')
    text = parts.pop()!
    lines.push(...parts)
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  return { pid: child.pid!, lines, ended, kill: () => void child.kill('SIGKILL') }
}

async function until(what: string, look: () => boolean): Promise<void> {
  const end = performance.now() + 30_000
  while (!look()) {
    if (performance.now() > end) throw new Error(`Not in time: ${what}`)
    await sleep(10)
  }
}

describe('the audit log', () => {
  it('keeps the order of what is said, whoever waits for it, and goes on after a restart', async ({ expect }) => {
    using dir = temporaryDirectory()
    {
      await using audit = await open(dir.path)
      for (let i = 0; i < 1500; i += 1) audit.note(revoked(`a${i}`))
      await Promise.all([audit.require(revoked('b')), audit.require(revoked('c'))])
      audit.note(revoked('d'))
    }
    {
      await using audit = await open(dir.path)
      await audit.require(revoked('e'))
      expect(audit.head.sequence).toBe(1505)
    }

    const events = await readAuditEvents(dir.path)
    const report = await verifyChain(auditFile(dir.path))
    expect(events[0]).toMatchObject({ type: 'chain_started' })
    expect(events.slice(1).map((event) => event['key'])).toEqual([
      ...Array.from({ length: 1500 }, (_, i) => `a${i}`),
      'b',
      'c',
      'd',
      'e',
    ])
    expect(report).toMatchObject({ ok: true, records: 1505 })
    expect(statSync(auditFile(dir.path)).mode & 0o777).toBe(0o600)
  })

  it('writes what nobody waits for by itself', async ({ expect }) => {
    using dir = temporaryDirectory()
    await using audit = await open(dir.path)

    audit.note(revoked('a'))

    await expect.poll(async () => (await readAuditEvents(dir.path)).length, { timeout: 10_000 }).toBe(2)
  })

  it('cuts off a torn last line and says so', async ({ expect }) => {
    using dir = temporaryDirectory()
    const path = auditFile(dir.path)
    {
      await using audit = await open(dir.path)
      await audit.require(revoked('a'))
    }
    const { size } = statSync(path)
    appendFileSync(path, '{"at":"2024-07-02T08:0')

    await using audit = await open(dir.path)

    expect(audit.head.sequence).toBe(3)
    expect((await readAuditEvents(dir.path)).at(-1)).toMatchObject({ type: 'tail_repaired', offset: size, bytes: 22 })
    expect(await verifyChain(path)).toMatchObject({ ok: true, records: 3 })
  })

  it('is not continued where its end is changed', async ({ expect }) => {
    using dir = temporaryDirectory()
    const path = auditFile(dir.path)
    {
      await using audit = await open(dir.path)
      for (let i = 0; i < 20; i += 1) audit.note(revoked(`a${i}`))
    }
    const bytes = readFileSync(path)
    bytes[bytes.length - 600] = bytes[bytes.length - 600]! ^ 1
    writeFileSync(path, bytes)

    await expect(open(dir.path)).rejects.toMatchObject({ code: 'audit_damaged' })
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('is not continued when its file is taken away, shortened or added to while it is used', async ({ expect }) => {
    const changes: ((path: string) => void)[] = [
      (path) => renameSync(path, `${path}.away`),
      (path) => writeFileSync(path, readFileSync(path).subarray(0, 100)),
      (path) => appendFileSync(path, 'something\n'),
    ]
    for (const change of changes) {
      using dir = temporaryDirectory()
      await using audit = await open(dir.path)
      await audit.require(revoked('a'))
      change(auditFile(dir.path))

      await expect(audit.require(revoked('b'))).rejects.toMatchObject({
        code: 'service_unavailable',
        cause: { code: 'audit_damaged' },
      })
      expect(audit.failure).toMatchObject({ code: 'service_unavailable' })
    }
  })

  it('has all that was promised after kills in the middle of writes', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    const promised: string[] = []
    for (let round = 0; round < 8; round += 1) {
      const child = startChild([CHILD, dir.path, `round-${round}`, '1000000'])
      await until('the first event', () => child.lines.length > 0)
      await sleep(round * 17)
      child.kill()
      await child.ended
      promised.push(...child.lines.map((line) => `round-${round}:${line}`))
      expect(child.lines).not.toContain('audit_damaged')
    }

    await using audit = await open(dir.path)
    await audit.require(revoked('last'))
    const written = new Set((await readAuditEvents(dir.path)).map(({ by, key }) => `${String(by)}:${String(key)}`))
    expect(promised.filter((one) => !written.has(one))).toEqual([])
    expect(promised.length).toBeGreaterThan(50)
    expect(await verifyChain(auditFile(dir.path))).toMatchObject({ ok: true })
  })

  it('is one chain when several processes write at once', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()

    const start = String(Date.now() + 3000)
    const children = ['a', 'b', 'c'].map((name) => startChild([CHILD, dir.path, name, '150', start]))
    await Promise.all(children.map(({ ended }) => ended))

    for (const { lines } of children) expect(lines).toEqual(Array.from({ length: 150 }, (_, i) => String(i)))
    const events = await readAuditEvents(dir.path)
    expect(await verifyChain(auditFile(dir.path))).toMatchObject({ ok: true, records: 901 })
    expect(events.filter(({ type }) => type === 'chain_started')).toHaveLength(1)
    const changes = events.slice(1).filter((event, i) => i > 0 && event['by'] !== events[i]!['by']).length
    expect(changes).toBeGreaterThan(2)
  })

  it('refuses while the disk is full, and says afterwards since when', { timeout: 60_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    // The soft limit of the size of a file; what is written beyond it fails as on a full disk
    const limited = ['-c', 'ulimit -S -f 64; exec "$@"', 'sh', process.execPath, CHILD, dir.path, 'child', '400']
    const child = startChild(limited, 'bash')
    await until('a refusal', () => child.lines.includes('service_unavailable'))
    const full = await verifyChain(auditFile(dir.path))
    const before = child.lines.filter((line) => line !== 'service_unavailable').length

    const lifted = startChild(['--pid', String(child.pid), '--fsize=unlimited:unlimited'], 'prlimit')
    await lifted.ended
    await child.ended

    expect(full).toMatchObject({ ok: true })
    expect(full!.bytes).toBeLessThanOrEqual(64 * 1024)
    expect(before).toBeLessThan(400)
    const events = await readAuditEvents(dir.path)
    const resumed = events.filter(({ type }) => type === 'writing_resumed')
    expect(resumed).toMatchObject([{ lost: 0 }])
    expect(String(resumed[0]!['problem'])).toMatch(/EFBIG|file too large/i)
    const keys = events.filter(({ key }) => /^\d+$/.test(String(key))).map(({ key }) => key)
    expect(keys).toEqual(Array.from({ length: 400 }, (_, i) => String(i)))
    expect(await verifyChain(auditFile(dir.path))).toMatchObject({ ok: true })
  })
})
