import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { openSqliteStores } from '../../../orchestrator-service/store/sqlite/open-stores.ts'
import { registerListContract } from '../../support/job-list-contract.ts'
import { sampleJob } from '../../support/job-samples.ts'
import { registerJobStoreContract, type TestStores } from '../../support/job-store-contract.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

async function open(walkRows?: number): Promise<TestStores> {
  const directory = temporaryDirectory()
  const stores = openSqliteStores(join(directory.path, 'hotcell.db'), walkRows === undefined ? {} : { walkRows })
  return {
    stores,
    async [Symbol.asyncDispose]() {
      await stores[Symbol.asyncDispose]()
      directory[Symbol.dispose]()
    },
  }
}

describe('jobs and keys in SQLite', () => {
  registerJobStoreContract(() => open())
})

describe('lists in SQLite that walk in small steps', () => {
  registerListContract(() => open(7))

  it('let everything else have its turn where nothing fits', async ({ expect }) => {
    await using test = await open(10)
    const { jobs } = test.stores
    for (let i = 0; i < 100; i += 1) await jobs.submit(sampleJob(`r-${i}`), { maxQueued: 100 })
    let turns = 0
    const seen = { done: false }
    const others = async (): Promise<void> => {
      for (; !seen.done; turns += 1) await setImmediate()
    }

    const counted = others()
    const page = await jobs.list({ owner: null, symbol: 'BTCUSDT', strategy: 'None', limit: 5 })
    seen.done = true
    await counted

    expect(page).toEqual({ jobs: [], damaged: [], cursor: null })
    expect(turns).toBeGreaterThanOrEqual(10)
  })
})
