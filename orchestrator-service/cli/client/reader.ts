import { join } from 'node:path'
import { PlatformError } from '../../../src/errors.ts'
import type { ApiContext } from '../../api/context.ts'
import type { Config } from '../../config.ts'
import { createPrivateDirectory } from '../../data-dir/data-dir.ts'
import { createStores } from '../../deps.ts'
import type { JobFeed, Jobs } from '../../jobs/jobs.ts'
import { estimateJob } from '../../jobs/outlook.ts'
import { createJobLogs } from '../../logs/job-logs.ts'
import { openSqliteStores } from '../../store/sqlite/open-stores.ts'

const LOOK_MS = 200

/**
 * What the API needs to show what is stored, and no more: no lock, no engine, no worker. Another process may work in the
 * same data directory meanwhile; nobody tells this one, so it looks now and then.
 */
export async function openReader(config: Config): Promise<ApiContext & AsyncDisposable> {
  createPrivateDirectory(config.dataDir)
  const stores = openSqliteStores(join(config.dataDir, 'hotcell.db'))
  const files = createStores(config)
  return {
    ...files,
    stores,
    jobs: readingJobs((job) => estimateJob({ store: stores.jobs, config }, job)),
    feed: lookingFeed(),
    logs: createJobLogs({ pathOf: (id) => files.runs.pathOf(id, 'log.ndjson'), onWritten: () => {} }),
    state: 'ready',
    [Symbol.asyncDispose]: async () => await stores[Symbol.asyncDispose](),
  }
}

function readingJobs(outlook: Jobs['outlook']): Jobs {
  const refuse = async (): Promise<never> => {
    throw new PlatformError('service_unavailable', 'Cannot change a job: this process only reads')
  }
  return { outlook, submit: refuse, submitAgain: refuse, cancel: refuse, delete: refuse, inspect: refuse }
}

function lookingFeed(): JobFeed {
  return {
    progress: () => null,
    subscribe(_id, listener) {
      const timer = setInterval(() => {
        listener('state')
        listener('log')
      }, LOOK_MS)
      return () => clearInterval(timer)
    },
  }
}
