import { statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'vitest'
import { MIGRATIONS } from '../../../orchestrator-service/store/sqlite/migrations.ts'
import { openSqliteStores } from '../../../orchestrator-service/store/sqlite/open-stores.ts'
import { createKey } from '../../../orchestrator-service/store/keys.ts'
import { sampleJob } from '../../support/job-samples.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const RULES = { maxQueued: 1_000_000 }

function withDatabase<T>(path: string, step: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path)
  try {
    return step(database)
  } finally {
    database.close()
  }
}

const versionOf = (path: string): unknown =>
  withDatabase(path, (database) => database.prepare('PRAGMA user_version').get()?.['user_version'])

describe('openSqliteStores()', () => {
  it('makes a file that only its owner can read, with its companions', async ({ expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    await using stores = openSqliteStores(path)
    await stores.jobs.submit(sampleJob('r-1'), RULES)

    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777, file).toBe(0o600)
  })

  it.for(Array.from({ length: MIGRATIONS.length + 1 }, (_, version) => version))(
    'brings version %i to the newest one',
    async (version, { expect }) => {
      using directory = temporaryDirectory()
      const path = join(directory.path, 'hotcell.db')
      withDatabase(path, (database) => {
        for (const step of MIGRATIONS.slice(0, version)) database.exec(step)
        database.exec(`PRAGMA user_version = ${version}`)
      })

      await using stores = openSqliteStores(path)

      expect(versionOf(path)).toBe(MIGRATIONS.length)
      expect((await stores.jobs.submit(sampleJob('r-1'), RULES)).created).toBe(true)
    },
  )

  it('keeps jobs and keys from one opening to the next', async ({ expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    const before = openSqliteStores(path)
    const { job } = await before.jobs.submit(sampleJob('r-1'), RULES)
    const { key } = await createKey(before.keys, { owner: 'ann', role: 'user', now: 1 })
    await before[Symbol.asyncDispose]()
    await before[Symbol.asyncDispose]()

    await using after = openSqliteStores(path)

    expect(await after.jobs.get('r-1')).toEqual(job)
    expect(await after.keys.list()).toEqual([key])
  })

  it('refuses a database of a newer release and changes nothing in it', ({ expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    withDatabase(path, (database) => database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`))

    expect(() => openSqliteStores(path)).toThrow(expect.objectContaining({ code: 'store_newer' }))
    expect(versionOf(path)).toBe(MIGRATIONS.length + 1)
  })

  it('undoes a step that fails in the middle', ({ expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    withDatabase(path, (database) => database.exec('CREATE TABLE api_keys (x)'))

    expect(() => openSqliteStores(path)).toThrow(expect.objectContaining({ code: 'invariant' }))

    const tables = withDatabase(path, (database) => database.prepare('SELECT name FROM sqlite_schema').all())
    expect(tables).toEqual([{ name: 'api_keys' }])
    expect(versionOf(path)).toBe(0)
  })

  it('says what is wrong with a file that is no database, is cut off, or cannot be opened', async ({ expect }) => {
    using directory = temporaryDirectory()
    const garbage = join(directory.path, 'garbage.db')
    writeFileSync(garbage, 'This is not a database. '.repeat(500))
    expect(() => openSqliteStores(garbage)).toThrow(expect.objectContaining({ code: 'store_damaged' }))

    const cut = join(directory.path, 'cut.db')
    const stores = openSqliteStores(cut)
    for (let i = 0; i < 50; i += 1) await stores.jobs.submit(sampleJob(`r-${i}`), RULES)
    await stores[Symbol.asyncDispose]()
    truncateSync(cut, statSync(cut).size / 2)
    const damaged = async (): Promise<void> => {
      await using again = openSqliteStores(cut)
      await again.jobs.list({ owner: null, limit: 100 })
    }
    await expect(damaged()).rejects.toMatchObject({ code: 'store_damaged' })

    const missing = join(directory.path, 'no', 'hotcell.db')
    expect(() => openSqliteStores(missing)).toThrow(expect.objectContaining({ code: 'service_unavailable' }))
  })
})

describe('the log of a job', () => {
  it.for([
    ['change an event', `UPDATE job_events SET event = '{"type":"submitted"}'`],
    ['move an event', 'UPDATE job_events SET sequence = sequence + 10'],
    ['replace an event', `INSERT OR REPLACE INTO job_events VALUES (1, 1, 5, '{"type":"submitted"}')`],
    ['leave a gap', `INSERT INTO job_events VALUES (1, 7, 5, '{"type":"submitted"}')`],
    ['remove an event', 'DELETE FROM job_events WHERE sequence = 2'],
    ['remove the whole log', 'DELETE FROM job_events'],
  ] as const)('lets nobody %s', async ([, sql], { expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    await using stores = openSqliteStores(path)
    await stores.jobs.submit(sampleJob('r-1'), RULES)
    await stores.jobs.take({ worker: 'w', now: 1, leaseMs: 1 })
    const before = await stores.jobs.events('r-1')

    expect(() => withDatabase(path, (database) => database.exec(sql))).toThrow(/events of a job/)
    expect(await stores.jobs.events('r-1')).toEqual(before)
  })
})

describe('a damaged row', () => {
  it.for([
    ['labels that are no JSON', `UPDATE jobs SET labels = '{'`],
    ['labels of another kind', `UPDATE jobs SET labels = '[1]'`],
    ['symbols of another kind', `UPDATE jobs SET symbols = '{}'`],
    ['an end without outcome', `UPDATE jobs SET state = 'completed'`],
    ['an outcome without end', `UPDATE jobs SET outcome = '{}', finished_at = 1`],
    ['a cell without names', `UPDATE jobs SET cell = '{}'`],
  ] as const)('with %s is an error that names the job', async ([, sql], { expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    await using stores = openSqliteStores(path)
    await stores.jobs.submit(sampleJob('r-1'), RULES)
    withDatabase(path, (database) => database.exec(sql))

    const named = { code: 'invariant', message: expect.stringMatching(/"r-1"/) as string }
    await expect(stores.jobs.get('r-1')).rejects.toMatchObject(named)
    const page = await stores.jobs.list({ owner: null, limit: 2 })
    expect(page).toMatchObject({ jobs: [], damaged: [{ id: 'r-1', message: named.message }], cursor: null })
    await expect(stores.jobs.update('r-1', 1, () => [])).rejects.toMatchObject(named)
  })

  it('hides no other job: those are listed, taken and found again', async ({ expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    const told: string[] = []
    await using stores = openSqliteStores(path, { onDamaged: ({ id }) => told.push(id) })
    for (let i = 0; i < 6; i += 1) await stores.jobs.submit(sampleJob(`r-${i}`), RULES)
    await stores.jobs.take({ worker: 'w', now: 1, leaseMs: 1 })
    withDatabase(path, (database) =>
      database.exec(`UPDATE jobs SET labels = '{' WHERE id IN ('r-0', 'r-1', 'r-2', 'r-5')`),
    )

    const seen: string[] = []
    let cursor: string | null = null
    do {
      const query = { owner: null, limit: 2, ...(cursor === null ? {} : { cursor }) }
      const page: Awaited<ReturnType<typeof stores.jobs.list>> = await stores.jobs.list(query)
      seen.push(...page.jobs.map(({ id }) => id), ...page.damaged.map(({ id }) => `${id} damaged`))
      cursor = page.cursor
    } while (cursor !== null)
    const lease = { worker: 'w', now: 2, leaseMs: 1 }
    const taken = [await stores.jobs.take(lease), await stores.jobs.take(lease), await stores.jobs.take(lease)]

    expect(seen).toEqual(['r-4', 'r-5 damaged', 'r-3', 'r-2 damaged', 'r-1 damaged', 'r-0 damaged'])
    expect(taken.map((job) => job?.id)).toEqual(['r-3', 'r-4', undefined])
    expect(await stores.jobs.take({ ...lease, only: 'r-1' })).toBeNull()
    expect((await stores.jobs.active()).map(({ id }) => id)).toEqual(['r-3', 'r-4'])
    expect(told.sort()).toEqual(['r-0', 'r-1', 'r-2', 'r-5'])
  })

  it('of an event or a request is one too', async ({ expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    await using stores = openSqliteStores(path)
    await stores.jobs.submit(sampleJob('r-1'), RULES)
    withDatabase(path, (database) =>
      database.exec(`INSERT INTO job_events VALUES (1, 2, 5, '{"type":"made up"}');
        UPDATE job_requests SET config = '{}'`),
    )

    const named = { code: 'invariant', message: expect.stringMatching(/"r-1"/) as string }
    await expect(stores.jobs.events('r-1')).rejects.toMatchObject(named)
    await expect(stores.jobs.request('r-1')).rejects.toMatchObject(named)
  })

  it('of a key is an error that names the key', async ({ expect }) => {
    using directory = temporaryDirectory()
    const path = join(directory.path, 'hotcell.db')
    await using stores = openSqliteStores(path)
    const { key } = await createKey(stores.keys, { owner: 'ann', role: 'user', now: 1 })
    withDatabase(path, (database) =>
      database.exec(`PRAGMA ignore_check_constraints = ON; UPDATE api_keys SET role = 'root'`),
    )

    const named = { code: 'invariant', message: expect.stringContaining(key.id) as string }
    await expect(stores.keys.list()).rejects.toMatchObject(named)
  })
})
