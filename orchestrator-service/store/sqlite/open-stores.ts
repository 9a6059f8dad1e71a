import type { DamagedJob, JobStores } from '../ports.ts'
import { openDatabase } from './database.ts'
import { createJobStore } from './job-store.ts'
import { createKeyStore } from './key-store.ts'

/**
 * Jobs and keys in one SQLite file, made or brought to the newest version where needed; `onDamaged` as for createJobStore.
 * @throws PlatformError store_newer, store_damaged, service_unavailable
 */
export function openSqliteStores(path: string, onDamaged?: (job: DamagedJob) => void): JobStores {
  const database = openDatabase(path)
  return {
    jobs: createJobStore(database, onDamaged),
    keys: createKeyStore(database),
    backup: async (target) => await database.backup(target),
    [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
  }
}
