import type { JobStores } from '../ports.ts'
import { openDatabase } from './database.ts'
import { createJobStore, type JobStoreOptions } from './job-store.ts'
import { createKeyStore } from './key-store.ts'

/**
 * Jobs and keys in one SQLite file, made or brought to the newest version where needed.
 * @throws PlatformError store_newer, store_damaged, service_unavailable
 */
export function openSqliteStores(path: string, options: JobStoreOptions = {}): JobStores {
  const database = openDatabase(path)
  return {
    jobs: createJobStore(database, options),
    keys: createKeyStore(database),
    backup: async (target) => await database.backup(target),
    [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
  }
}
