import { join } from 'node:path'
import { PlatformError } from '../../../src/errors.ts'
import type { ApiContext } from '../../api/context.ts'
import { listCells } from '../../admin/list-cells.ts'
import { createAuditLog } from '../../audit/audit-log.ts'
import { beginChain } from '../../audit/begin-chain.ts'
import type { Config } from '../../config.ts'
import { createPrivateDirectory, readInstance } from '../../data-dir/data-dir.ts'
import { createStores } from '../../deps.ts'
import type { JobFeed, Jobs } from '../../jobs/jobs.ts'
import { estimateJob } from '../../jobs/outlook.ts'
import { createJobLogs } from '../../logs/job-logs.ts'
import { connectEngine } from '../../sandbox/docker-client.ts'
import { loadSoundPolicies } from '../../sandbox/policy.ts'
import { openSqliteStores } from '../../store/sqlite/open-stores.ts'

const LOOK_MS = 200

/**
 * What the API needs to show what is stored, and no more: no lock, no engine, no worker. Another process may work in the
 * same data directory meanwhile; nobody tells this one, so it looks now and then. A broken policy file is only told: nothing
 * is run here.
 */
export async function openReader(config: Config, warn: (text: string) => void): Promise<ApiContext & AsyncDisposable> {
  createPrivateDirectory(config.dataDir)
  const stores = openSqliteStores(join(config.dataDir, 'hotcell.db'))
  const files = createStores(config)
  const instance = readInstance(config.dataDir)
  const { policies, errors } = loadSoundPolicies()
  for (const { message } of errors) warn(`${message}; only the service refuses to start without it`)
  const audit = createAuditLog({
    dataDir: config.dataDir,
    begin: beginChain(instance ?? 'none yet', stores.jobs),
    log: () => {},
  })
  return {
    ...files,
    config,
    stores,
    policies,
    audit,
    admin: {
      async cells() {
        if (instance === null) return []
        return await listCells({ engine: connectEngine(), instance, store: stores.jobs, policies })
      },
      pool: () => null,
      prune: refuse,
    },
    jobs: readingJobs((job) => estimateJob({ store: stores.jobs, config }, job)),
    feed: lookingFeed(),
    logs: createJobLogs({ pathOf: (id) => files.runs.pathOf(id, 'log.ndjson'), onWritten: () => {} }),
    state: 'ready',
    async [Symbol.asyncDispose]() {
      await audit[Symbol.asyncDispose]()
      await stores[Symbol.asyncDispose]()
    },
  }
}

const refuse = async (): Promise<never> => {
  throw new PlatformError('service_unavailable', 'Cannot change a job: this process only reads')
}

function readingJobs(outlook: Jobs['outlook']): Jobs {
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
