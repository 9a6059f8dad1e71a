import { join } from 'node:path'
import { describe, it } from 'vitest'
import { estimateJob } from '../../../orchestrator-service/jobs/outlook.ts'
import { openSqliteStores } from '../../../orchestrator-service/store/sqlite/open-stores.ts'
import { sampleJob, wayToOk } from '../../support/job-samples.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('estimateJob()', () => {
  it('expects nothing to end before now where the clock was set back while the jobs of the past ran', async ({
    expect,
  }) => {
    using dir = temporaryDirectory()
    await using stores = openSqliteStores(join(dir.path, 'hotcell.db'))
    const { jobs: store } = stores
    await store.submit(sampleJob('r-past'), { maxQueued: 9 })
    await store.take({ worker: 'w', now: 7_200_000, leaseMs: 1 })
    await store.update('r-past', 3_600_000, () => wayToOk(1))
    const { job } = await store.submit(sampleJob('r-waits'), { maxQueued: 9 })

    const outlook = await estimateJob(
      { store, config: { cache: false, concurrency: 1, maxQueued: 9, maxQueuedPerOwner: 9 } },
      job,
    )

    expect(outlook).toEqual({ position: 0, estimateMs: 0 })
  })
})
