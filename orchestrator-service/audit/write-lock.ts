import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { PlatformError } from '../../src/errors.ts'

/**
 * Theory of operation. The service, a command that works alone and commands that only read may all append to one log, so
 * each batch is written under a lock of the operating system, taken as the data directory's is: an exclusive transaction
 * on an empty SQLite file, which ends with the process however that ends. It is held for one write and one sync.
 */
export interface WriteLock {
  /** @throws PlatformError service_unavailable: another process had it all the time */
  hold<T>(step: () => Promise<T>): Promise<T>
  close(): void
}

const SQLITE_BUSY = 5
const PATIENCE_MS = 5000
const PAUSE_MS = 3

export function openWriteLock(path: string): WriteLock {
  const database = new DatabaseSync(path, { timeout: 0 })
  const tryTake = (): boolean => {
    try {
      database.exec('BEGIN EXCLUSIVE')
      return true
    } catch (error) {
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false
      throw error
    }
  }
  return {
    async hold(step) {
      const end = performance.now() + PATIENCE_MS
      while (!tryTake()) {
        if (performance.now() > end)
          throw new PlatformError(
            'service_unavailable',
            `Cannot write the audit log: another process has held its lock for ${PATIENCE_MS} ms`,
          )
        await sleep(PAUSE_MS)
      }
      try {
        return await step()
      } finally {
        database.exec('ROLLBACK')
      }
    },
    close: () => database.close(),
  }
}
