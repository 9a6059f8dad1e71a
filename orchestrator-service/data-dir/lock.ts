import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PlatformError } from '../../src/errors.ts'

/**
 * Theory of operation. The lock is an exclusive transaction on an empty SQLite file: SQLite holds it as a lock of the
 * operating system on the open file, which ends with the process however it ends, and also keeps a second connection of
 * the same process out. There is no pid to compare and nothing stale to clean up. The JSON beside it only says who the
 * holder is; it may be old and decides nothing.
 */
export interface Lock {
  release(): void
}

export interface LockHolder {
  readonly pid: number
  readonly since: string
}

const LOCK_FILE = 'lock.db'
const HOLDER_FILE = 'lock-holder.json'
const SQLITE_BUSY = 5
/** Longer than somebody who only asks has it. */
const PATIENCE_MS = 250

/** @throws data_dir_locked (details: pid, since) */
export function takeLock(root: string): Lock {
  const database = new DatabaseSync(join(root, LOCK_FILE), { timeout: PATIENCE_MS })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw locked(root)
    throw error
  }
  const holder: LockHolder = { pid: process.pid, since: new Date().toISOString() }
  writeFileSync(join(root, HOLDER_FILE), `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  let held = true
  return {
    release() {
      if (held) database.close()
      held = false
    },
  }
}

/** Whether somebody holds the lock now. Asking does not take it: a read lock for the blink of one query. */
export function isLocked(root: string): boolean {
  const file = join(root, LOCK_FILE)
  if (!existsSync(file)) return false
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    database.exec('SELECT count(*) FROM sqlite_schema')
    return false
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return true
    throw error
  } finally {
    database.close()
  }
}

/** Who wrote its name last; null when nobody did or it cannot be read. */
export function readLockHolder(root: string): LockHolder | null {
  try {
    const { pid, since } = JSON.parse(readFileSync(join(root, HOLDER_FILE), 'utf8')) as Partial<LockHolder>
    return typeof pid === 'number' && typeof since === 'string' ? { pid, since } : null
  } catch {
    return null
  }
}

function locked(root: string): PlatformError {
  const holder = readLockHolder(root)
  const who = holder === null ? 'another process' : `process ${holder.pid} since ${holder.since}`
  return new PlatformError('data_dir_locked', `Cannot open data directory "${root}": held by ${who}, expected nobody`, {
    details: { path: root, pid: holder?.pid ?? null, since: holder?.since ?? null },
  })
}
