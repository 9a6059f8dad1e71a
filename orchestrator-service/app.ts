import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { AdminTasks } from './admin/admin-tasks.ts'
import { listCells } from './admin/list-cells.ts'
import { describePool } from './admin/pool-status.ts'
import { prune } from './admin/prune.ts'
import { type AuditLog, openAuditLog } from './audit/audit-log.ts'
import { beginChain, PRODUCT_VERSION } from './audit/begin-chain.ts'
import type { CandleArchive } from './candles/archive.ts'
import type { FundingArchive } from './candles/funding-archive.ts'
import type { InstrumentStore } from './candles/instrument-store.ts'
import type { Config } from './config.ts'
import { type DataDir, openDataDir } from './data-dir/data-dir.ts'
import { createRunDeps, type RunDeps } from './deps.ts'
import { requireHost, warnOfHost } from './host-check/start-check.ts'
import { completeAudit } from './jobs/complete-audit.ts'
import { createJobFeed } from './jobs/job-feed.ts'
import { createJobService } from './jobs/job-service.ts'
import { createKeyedLock, type JobContext, type ServiceLog } from './jobs/job-context.ts'
import type { JobFeed, Jobs } from './jobs/jobs.ts'
import { recoverJobs, removeUnknownCells } from './jobs/recover-jobs.ts'
import { createWorkerPool } from './jobs/worker-pool.ts'
import { createJobLogs, type JobLogs } from './logs/job-logs.ts'
import type { RunStore } from './results/run-store.ts'
import { connectEngine } from './sandbox/docker-client.ts'
import { loadPolicies, type SandboxPolicy, USUAL_POLICY } from './sandbox/policy.ts'
import type { CellPool } from './sandbox/pool/cell-pool.ts'
import { createKey } from './store/keys.ts'
import type { ApiKey, JobStores } from './store/ports.ts'
import { openSqliteStores } from './store/sqlite/open-stores.ts'

/**
 * Theory of operation. The service without its network side, opened from the outside in: lock of the data directory,
 * stores; then, with `start`, the engine: what an earlier process left is cleared up before the first job is taken. What
 * only reads (jobs, results) works before `start` and without an engine.
 */
export interface App extends AsyncDisposable {
  readonly config: Config
  readonly stores: JobStores
  readonly jobs: Jobs
  readonly policies: ReadonlyMap<string, SandboxPolicy>
  readonly audit: AuditLog
  readonly admin: AdminTasks
  readonly feed: JobFeed
  readonly logs: JobLogs
  readonly runs: RunStore
  readonly archive: CandleArchive
  readonly marks: CandleArchive
  readonly funding: FundingArchive
  readonly instruments: InstrumentStore
  /** The cells that wait for jobs: what they are asked for, and how it goes. */
  readonly pool: Pick<CellPool, 'metrics'>
  /** What a sealed run needs. */
  readonly deps: RunDeps
  /** Made at the first start; its secret is known only now. */
  readonly firstKey: { readonly key: ApiKey; readonly secret: string } | null
  readonly state: 'starting' | 'ready' | 'draining'
  /** Recovers what was left, then takes jobs. @throws host_refused, engine_unavailable, engine_timeout */
  start(): Promise<void>
  /** Takes no more jobs, waits for the running ones; what still runs after `ms` is left to the next start. */
  drain(ms: number): Promise<void>
}

export interface AppOptions {
  readonly log: ServiceLog
  /** Takes only jobs that are submitted to this very app; others wait for a service. No key is made. */
  readonly oneShot?: boolean
  /** Left out: those of `sandbox-policies`. */
  readonly policies?: ReadonlyMap<string, SandboxPolicy>
}

const LOOK_FOR_UNKNOWN_MS = 5000

/** @throws PlatformError data_dir_locked, invalid_policy, usage, and what the store says of its file */
export async function openApp(config: Config, options: AppOptions): Promise<App> {
  const dataDir = await openDataDir(config.dataDir)
  try {
    return await buildApp(config, options, dataDir)
  } catch (error) {
    await dataDir[Symbol.asyncDispose]()
    throw error
  }
}

async function buildApp(config: Config, options: AppOptions, dataDir: DataDir): Promise<App> {
  const { log, oneShot = false, policies = loadPolicies() } = options
  const engine = connectEngine()
  const { instance } = dataDir
  const deps = await createRunDeps({ config, engine, instance, policies, log: (text) => log('info', text) })
  const stores = openSqliteStores(join(dataDir.path, 'hotcell.db'), {
    onDamaged: ({ id, message }) => log('error', 'A stored job is damaged and left alone', { job: id, message }),
  })
  const worker = `${process.pid}-${randomBytes(4).toString('hex')}`
  const audit = await openAudit(stores, { dataDir: dataDir.path, instance, worker, oneShot, log })
  const feed = createJobFeed()
  const logs = createJobLogs({
    pathOf: (id) => deps.runs.pathOf(id, 'log.ndjson'),
    onWritten: (id) => feed.notify(id, 'log'),
  })
  const context: JobContext = {
    config,
    store: stores.jobs,
    deps,
    feed,
    logs,
    log,
    audit,
    worker,
    exclusive: createKeyedLock(),
  }
  const own = new Set<string>()
  const workers = createWorkerPool(context, { only: oneShot ? own : null })
  let state: App['state'] = 'starting'
  let starting: Promise<void> | null = null
  let draining: Promise<void> | null = null
  let looking: NodeJS.Timeout | undefined
  const firstKey = oneShot ? null : await createFirstKey(stores, audit)

  const host = { engine, policies: [...policies.values()], dataDir: config.dataDir }
  const begin = async (): Promise<void> => {
    await requireHost(host, config)
    if (!oneShot) await completeAudit(context, dataDir.path)
    const adoptions = await recoverJobs(context, { engine, instance }, { adopt: !oneShot })
    if (state !== 'starting') return
    const waiting = oneShot ? (await stores.jobs.countByState()).queued : 0
    if (waiting > 0) log('info', `${waiting} jobs of an earlier process wait for \`hotcell serve\``)
    for (const { job, cell } of adoptions) workers.adopt(job, cell)
    state = 'ready'
    workers.start()
    if (!oneShot && !config.strict) void warnOfHost(host, config, log)
    if (!oneShot && config.warmCells.max > 0) deps.verifier.keepReady()
    if (!oneShot) void startCellPool(context, () => workers.running >= config.concurrency)
    let isLooking = false
    looking = setInterval(() => {
      if (isLooking) return
      isLooking = true
      removeUnknownCells(context, { engine, instance })
        .catch((error: unknown) => log('warn', `Cannot look for unknown cells: ${String(error)}`))
        .finally(() => (isLooking = false))
    }, LOOK_FOR_UNKNOWN_MS)
  }
  const drain = async (ms: number): Promise<void> => {
    state = 'draining'
    clearInterval(looking)
    await starting?.catch(() => {})
    await Promise.all([workers.drain(ms), deps.pool.close(), deps.verifier.close()])
  }

  return {
    config,
    stores,
    jobs: createJobService(context, {
      pool: workers,
      isOpen: () => state !== 'draining',
      onSubmitted(id) {
        if (oneShot) own.add(id)
      },
    }),
    policies,
    audit,
    admin: {
      cells: async () => await listCells({ engine, instance, store: stores.jobs, policies }),
      pool: () => (oneShot ? null : describePool(deps.pool.metrics())),
      prune: async (request) => await prune(context, engine, request),
    },
    feed,
    logs,
    runs: deps.runs,
    archive: deps.archive,
    marks: deps.marks,
    funding: deps.funding,
    instruments: deps.instruments,
    pool: deps.pool,
    deps,
    firstKey,
    get state() {
      return state
    },
    start: () => (starting ??= begin()),
    drain: (ms) => (draining ??= drain(ms)),
    async [Symbol.asyncDispose]() {
      await (draining ??= drain(0))
      await logs[Symbol.asyncDispose]()
      audit.note({ type: 'service_stopped', worker })
      await audit[Symbol.asyncDispose]()
      await stores[Symbol.asyncDispose]()
      await dataDir[Symbol.asyncDispose]()
    },
  }
}

/** In the background: at a first start the image takes a while, and jobs do not wait for the pool. */
async function startCellPool({ deps, log }: JobContext, isBusy: () => boolean): Promise<void> {
  const policy = deps.policies.get(USUAL_POLICY)
  const image = await deps.image().catch((error: unknown) => {
    log('warn', `No cell is made ahead until a job asks for one: ${String(error)}`)
    return null
  })
  deps.pool.start({ isBusy, usual: policy === undefined || image === null ? null : { policy, image: image.ref } })
}

async function createFirstKey({ keys }: JobStores, audit: AuditLog): Promise<App['firstKey']> {
  if ((await keys.list()).length > 0) return null
  const first = await createKey(keys, { owner: 'admin', role: 'admin', now: Date.now() })
  audit.note({ type: 'key_created', key: first.key.id, owner: 'admin', role: 'admin', by: 'service' })
  return first
}

/** @throws PlatformError audit_damaged, service_unavailable: what cannot be written down is not begun */
async function openAudit(
  stores: JobStores,
  options: { dataDir: string; instance: string; worker: string; oneShot: boolean; log: ServiceLog },
): Promise<AuditLog> {
  const { dataDir, instance, worker, oneShot, log } = options
  try {
    const audit = await openAuditLog({ dataDir, begin: beginChain(instance, stores.jobs), log })
    await audit.require({ type: 'service_started', worker, version: PRODUCT_VERSION, oneShot })
    return audit
  } catch (error) {
    await stores[Symbol.asyncDispose]()
    throw error
  }
}
