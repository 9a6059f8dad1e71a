import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { rebuild } from '../../../orchestrator-service/jobs/job-state.ts'
import { openDatabase } from '../../../orchestrator-service/store/sqlite/database.ts'
import { createJobStore } from '../../../orchestrator-service/store/sqlite/job-store.ts'
import { openSqliteStores } from '../../../orchestrator-service/store/sqlite/open-stores.ts'
import { sampleJob } from '../../support/job-samples.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const WRITER = join(import.meta.dirname, '../../support/submit-until-killed.ts')
const RULES = { maxQueued: 1_000_000 }

/** Lets a process write for a while, kills it, and answers with the steps that it had been told are stored. */
async function writeAndKill(path: string, prefix: string, afterMs: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, [WRITER, path, prefix], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  const closed = once(child, 'close')
  await once(child.stdout, 'data')
  await sleep(afterMs)
  child.kill('SIGKILL')
  await closed
  const whole = printed.slice(0, printed.lastIndexOf('\n'))
  return new Map(whole.split('\n').map((line) => [line.split(' ')[0]!, Number(line.split(' ')[1])]))
}

function integrityOf(path: string): unknown {
  const database = new DatabaseSync(path)
  try {
    return database.prepare('PRAGMA integrity_check').get()?.['integrity_check']
  } finally {
    database.close()
  }
}

describe('a process that is killed while it writes', () => {
  it('loses nothing that was acknowledged, and leaves nothing half done', async ({ expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    const acknowledged = new Map<string, number>()
    for (let round = 0; round < 8; round += 1)
      for (const [id, version] of await writeAndKill(path, `r${round}`, 20 + 37 * round)) acknowledged.set(id, version)
    expect(acknowledged.size).toBeGreaterThan(8)

    expect(integrityOf(path)).toBe('ok')
    await using stores = openSqliteStores(path)
    for (const [id, version] of acknowledged) {
      const job = await stores.jobs.get(id)
      expect(job?.version, id).toBeGreaterThanOrEqual(version)
      expect(await stores.jobs.request(id), id).not.toBeNull()
      const events = await stores.jobs.events(id)
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1))
      expect(job).toMatchObject({ version: events.length, ...rebuild(events.map(({ event }) => event)) })
    }
    const { jobs } = await stores.jobs.list({ owner: null, limit: 1_000_000 })
    expect(jobs.length - acknowledged.size).toBeGreaterThanOrEqual(0)
    expect(jobs.length - acknowledged.size).toBeLessThanOrEqual(8)
  })
})

describe('a full disk', () => {
  it('refuses what does not fit, keeps what was stored, and goes on when there is room', async ({ expect }) => {
    using directory = temporaryDirectory()
    await using database = openDatabase(join(directory.path, 'hotcell.db'))
    const jobs = createJobStore(database)
    database.get('PRAGMA max_page_count = 60')
    let stored = 0
    const fill = async (): Promise<void> => {
      for (; stored < 10_000; stored += 1) await jobs.submit(sampleJob(`r-${stored}`), RULES)
    }

    await expect(fill()).rejects.toMatchObject({
      code: 'service_unavailable',
      message: expect.stringMatching(/disk is full/) as string,
    })

    expect(stored).toBeGreaterThan(5)
    expect((await jobs.list({ owner: null, limit: 10_000 })).jobs).toHaveLength(stored)
    expect(await jobs.get(`r-${stored}`)).toBeNull()
    database.get('PRAGMA max_page_count = 100000')
    expect((await jobs.submit(sampleJob('r-next'), RULES)).created).toBe(true)
    expect(database.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
  })
})

describe('a file that another process has locked', () => {
  it('is an error that says so, and works again afterwards', async ({ expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    await using stores = openSqliteStores(path)
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')

    const submit = stores.jobs.submit(sampleJob('r-1'), RULES)

    await expect(submit).rejects.toMatchObject({
      code: 'service_unavailable',
      message: expect.stringMatching(/locked by another process/) as string,
    })
    other.close()
    expect((await stores.jobs.submit(sampleJob('r-1'), RULES)).created).toBe(true)
  })
})

describe('backup()', () => {
  it('copies a consistent state into a private file while jobs come in', async ({ expect }) => {
    using directory = temporaryDirectory()
    const target = join(directory.path, 'backup.db')
    await using stores = openSqliteStores(join(directory.path, 'hotcell.db'))
    for (let i = 0; i < 200; i += 1) await stores.jobs.submit(sampleJob(`r-${i}`), RULES)

    const copying = { done: false }
    const backup = stores.backup(target).finally(() => (copying.done = true))
    let more = 0
    for (; !copying.done; more += 1) {
      await stores.jobs.submit(sampleJob(`n-${more}`), RULES)
      await sleep(0)
    }
    await backup

    expect(more).toBeGreaterThan(0)
    expect(integrityOf(target)).toBe('ok')
    await using copy = openSqliteStores(target)
    for (let i = 0; i < 200; i += 1) expect(await copy.jobs.events(`r-${i}`)).toHaveLength(1)
    await expect(stores.backup(target)).rejects.toMatchObject({ code: 'usage' })
    await expect(stores.backup(join(directory.path, 'no', 'b.db'))).rejects.toMatchObject({ code: 'usage' })
  })
})
