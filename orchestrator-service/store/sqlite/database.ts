import { closeSync, openSync, rmSync } from 'node:fs'
import { backup, DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { PlatformError } from '../../../src/errors.ts'
import { MIGRATIONS } from './migrations.ts'

export type Row = Record<string, unknown>

/** The part of SQLite that the stores use; every error leaves it as a PlatformError. */
export interface Database extends AsyncDisposable {
  /** All of `step` or nothing; nobody else writes meanwhile. */
  transaction<T>(step: () => T): T
  run(sql: string, ...values: SQLInputValue[]): void
  get(sql: string, ...values: SQLInputValue[]): Row | null
  all(sql: string, ...values: SQLInputValue[]): Row[]
  /** Runs a statement with named values that answers with the one row that it wrote. */
  write(sql: string, values: Readonly<Record<string, SQLInputValue>>): Row
  /** A consistent copy, while this goes on. */
  backup(target: string): Promise<void>
}

/** How long a call waits for another process that holds the file; the event loop stands still meanwhile. */
/** Of a backup that a write cuts off. */
const BACKUP_TRIES = 10
const BUSY_MS = 2000
const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA foreign_keys = ON;
  PRAGMA recursive_triggers = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -32768;
`

/**
 * Opens or creates the file (0600) and brings it to the newest version.
 * @throws PlatformError store_newer, store_damaged, service_unavailable (locked, disk full, not writable)
 */
export function openDatabase(path: string): Database {
  const translated = <T>(step: () => T): T => {
    try {
      return step()
    } catch (error) {
      throw translate(error, path)
    }
  }
  const database = translated(() => openFile(path))
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const prepare = (sql: string): ReturnType<DatabaseSync['prepare']> => {
    let statement = statements.get(sql)
    if (statement === undefined) statements.set(sql, (statement = database.prepare(sql)))
    return statement
  }
  return {
    transaction: (step) => translated(() => inTransaction(database, step)),
    run: (sql, ...values) => void translated(() => prepare(sql).run(...values)),
    get: (sql, ...values) => translated(() => prepare(sql).get(...values)) ?? null,
    all: (sql, ...values) => translated(() => prepare(sql).all(...values)),
    write: (sql, values) => translated(() => prepare(sql).get({ ...values }))!,
    async backup(target) {
      for (let tries = 1; ; tries++) {
        createNew(target)
        try {
          await backup(database, target)
          return
        } catch (error) {
          rmSync(target, { force: true })
          if (tries === BACKUP_TRIES || !isUnnamed(error)) throw translate(error, target)
        }
      }
    },
    async [Symbol.asyncDispose]() {
      statements.clear()
      if (database.isOpen) translated(() => database.close())
    },
  }
}

/** node:sqlite ends a backup so when a write of the same moment was in its way. */
function isUnnamed(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 0
}

/** Private from its first byte on: it holds submitted code and the hashes of keys. */
function createNew(target: string): void {
  try {
    closeSync(openSync(target, 'wx', 0o600))
  } catch (cause) {
    throw new PlatformError('usage', `Cannot write a backup to "${target}": ${(cause as Error).message}`, {
      cause,
      hint: 'Name a file that does not exist yet in a directory that you may write',
    })
  }
}

function openFile(path: string): DatabaseSync {
  // SQLite would make it readable for everybody; its -wal and -shm take the mode of the file.
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path, { timeout: BUSY_MS })
  try {
    refuseNewer(database, path)
    database.exec(PRAGMAS)
    for (let version = versionOf(database); version < MIGRATIONS.length; version = versionOf(database))
      inTransaction(database, () => migrate(database, version))
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

function refuseNewer(database: DatabaseSync, path: string): void {
  const version = versionOf(database)
  if (version <= MIGRATIONS.length) return
  throw new PlatformError(
    'store_newer',
    `Cannot open "${path}": it has version ${version} of a newer release, expected at most ${MIGRATIONS.length}`,
    { details: { version, newest: MIGRATIONS.length } },
  )
}

/** Another process may have done this step while this one waited for the lock. */
function migrate(database: DatabaseSync, version: number): void {
  if (versionOf(database) !== version) return
  database.exec(MIGRATIONS[version]!)
  database.exec(`PRAGMA user_version = ${version + 1}`)
}

function inTransaction<T>(database: DatabaseSync, step: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const value = step()
    database.exec('COMMIT')
    return value
  } catch (error) {
    // SQLite itself has ended the transaction after some errors, a full disk for one.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

const DAMAGED = new Set([11, 26])
const TROUBLE: ReadonlyMap<number, readonly [state: string, hint: string]> = new Map([
  [5, ['it is locked by another process', 'End the other process that has the file open and try again']],
  [6, ['it is locked', 'Try again']],
  [8, ['it is read-only', 'Make the data directory writable for the user of the service']],
  [10, ['the disk failed', 'Look for errors of the disk in the log of the system; nothing was changed']],
  [13, ['the disk is full', 'Make room on the disk of the data directory and try again; nothing was changed']],
  [14, ['it cannot be opened', 'Make the data directory readable and writable for the user of the service']],
])

function translate(error: unknown, path: string): unknown {
  if (error instanceof PlatformError || !(error instanceof Error)) return error
  const { errcode, code } = error as { errcode?: number; code?: string }
  // The low byte of an extended result code is its class.
  const kind = errcode === undefined ? null : errcode & 0xff
  if (kind !== null && DAMAGED.has(kind))
    return new PlatformError('store_damaged', `Cannot read "${path}": ${error.message}`, { cause: error })
  const trouble = kind === null ? undefined : TROUBLE.get(kind)
  if (trouble !== undefined)
    return new PlatformError('service_unavailable', `Cannot use "${path}": ${trouble[0]}`, {
      cause: error,
      hint: trouble[1],
      details: { path, sqlite: errcode },
    })
  if (kind === null && code !== undefined && /^E[A-Z]+$/.test(code))
    return new PlatformError('service_unavailable', `Cannot open "${path}": ${error.message}`, {
      cause: error,
      hint: 'Make the data directory readable and writable for the user of the service',
    })
  if (code !== 'ERR_SQLITE_ERROR') return error
  return new PlatformError('invariant', `Cannot use "${path}": ${error.message}`, { cause: error })
}
