import { join } from 'node:path'
import { describe } from 'vitest'
import { openSqliteStores } from '../../../orchestrator-service/store/sqlite/open-stores.ts'
import { registerJobStoreContract, type TestStores } from '../../support/job-store-contract.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

async function open(): Promise<TestStores> {
  const directory = temporaryDirectory()
  const stores = openSqliteStores(join(directory.path, 'hotcell.db'))
  return {
    stores,
    async [Symbol.asyncDispose]() {
      await stores[Symbol.asyncDispose]()
      directory[Symbol.dispose]()
    },
  }
}

describe('jobs and keys in SQLite', () => {
  registerJobStoreContract(open)
})
