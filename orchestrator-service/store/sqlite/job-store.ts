import { createHash } from 'node:crypto'
import { PlatformError } from '../../../src/errors.ts'
import { canonicalJson } from '../../../src/protocol/canonical-json.ts'
import { isFinal, JOB_STATES, type JobState } from '../../../src/protocol/job.ts'
import { type JobEvent, type JobStatus, transition } from '../../jobs/job-state.ts'
import type { DamagedJob, Job, JobStore, NewJob, QueueRules, StoredEvent } from '../ports.ts'
import type { Database, Row } from './database.ts'
import { parseJob, parseJobs, parseRequest, parseStoredEvent, writeEvent } from './job-rows.ts'
import { placeOf, writeCursor } from './list-jobs.ts'
import { ACTIVE, countWaiting, firstWaiting, nextRound, placeInQueue, waitingRow } from './queue-order.ts'
import { readPage } from './read-page.ts'

/**
 * Theory of operation. Every method is one transaction of its own (a list: one for each step of it), and no two overlap:
 * there is one connection, and between BEGIN and COMMIT nothing is awaited. What a job is comes only from `appendAll`, which
 * appends an event and writes its sum into the row; leases are the one thing beside them, because they say nothing about the
 * job itself.
 */
export interface JobStoreOptions {
  /** Told once of each job that is left out where jobs are taken. */
  readonly onDamaged?: (job: DamagedJob) => void
  /** Jobs that a list looks at before everything else has its turn. */
  readonly walkRows?: number
}

export function createJobStore(database: Database, options: JobStoreOptions = {}): JobStore {
  const { onDamaged = () => {}, walkRows } = options
  const told = new Set<string>()
  const sound = (rows: readonly Row[]): Job[] => {
    const { jobs, damaged } = parseJobs(rows)
    for (const job of damaged) {
      if (!told.has(job.id)) onDamaged(job)
      told.add(job.id)
    }
    return jobs
  }
  const firstSound = (): Job | undefined => {
    for (let passed = -1; passed < told.size;) {
      passed = told.size
      const [job] = sound(firstWaiting(database, 1 + passed))
      if (job !== undefined) return job
    }
    return undefined
  }
  return {
    submit: async (job, rules) => database.transaction(() => submit(database, job, rules)),
    get: async (id) => database.transaction(() => find(database, id)),
    request: async (id) =>
      database.transaction(() => {
        const sql = 'SELECT config, options FROM job_requests WHERE job = (SELECT sequence FROM jobs WHERE id = ?)'
        const row = database.get(sql, id)
        return row === null ? null : parseRequest(id, row)
      }),
    completedLike: async (id, limit) =>
      database.transaction(() => {
        const sql = `SELECT other.id FROM jobs AS own JOIN jobs AS other INDEXED BY jobs_by_config
          ON other.owner = own.owner AND other.config_hash = own.config_hash
          WHERE own.id = ? AND other.state = 'completed' AND other.cached_from IS NULL AND other.config_hash IS NOT NULL
          ORDER BY other.sequence DESC LIMIT ?`
        return database.all(sql, id, limit).map((row) => String(row['id']))
      }),
    async list(query) {
      const rows = await readPage(database, query, walkRows)
      const more = rows.length > query.limit
      if (more) rows.pop()
      const last = rows.at(-1)
      return { ...parseJobs(rows), cursor: more && last !== undefined ? writeCursor(placeOf(last)) : null }
    },
    events: async (id, after = 0) => database.transaction(() => events(database, id, after)),
    take: async ({ only, ...lease }) =>
      database.transaction(() => {
        const job = only === undefined ? firstSound() : sound(waitingRow(database, only))[0]
        return job === undefined ? null : take(database, job, lease)
      }),
    renew: async (id, attempt, leaseUntil) =>
      database.transaction(() => {
        const sql = `UPDATE jobs SET lease_until = ? WHERE id = ? AND attempt = ? AND ${ACTIVE} RETURNING id`
        return database.get(sql, leaseUntil, id, attempt) !== null
      }),
    update: async (id, now, decide) =>
      database.transaction(() => {
        const job = require(database, id)
        const events = decide(job)
        if (events.some(({ type }) => type === 'taken'))
          throw new PlatformError('invariant', `Cannot take job "${id}" by an update: it would have no lease`)
        return appendAll(database, job, { now, events, leaseUntil: job.leaseUntil })
      }),
    active: async (expiredAt) =>
      database.transaction(() => {
        const expired = expiredAt === undefined ? '' : 'AND (lease_until IS NULL OR lease_until < ?)'
        const sql = `SELECT * FROM jobs INDEXED BY jobs_active WHERE ${ACTIVE} ${expired} ORDER BY sequence`
        return sound(database.all(sql, ...(expiredAt === undefined ? [] : [expiredAt])))
      }),
    position: async (id) => database.transaction(() => placeInQueue(database, id)),
    countByState: async () =>
      database.transaction(() => {
        const counts = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>
        for (const row of database.all('SELECT state, count(*) AS jobs FROM jobs GROUP BY state'))
          counts[row['state'] as JobState] = Number(row['jobs'])
        return counts
      }),
    recentDurations: async (limit) =>
      database.transaction(() => {
        const sql = `SELECT finished_at - started_at AS duration FROM jobs INDEXED BY jobs_completed
          WHERE state = 'completed' AND started_at IS NOT NULL AND cached_from IS NULL ORDER BY finished_at DESC, sequence DESC LIMIT ?`
        return database.all(sql, limit).map((row) => Number(row['duration']))
      }),
    delete: async (id) =>
      database.transaction(() => {
        const { state, sequence } = require(database, id)
        if (!isFinal(state)) throw new PlatformError('not_finished', `Cannot delete job "${id}": it is ${state}`)
        database.run('DELETE FROM jobs WHERE sequence = ?', sequence)
      }),
    [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
  }
}

function find(database: Database, id: string): Job | null {
  const row = database.get('SELECT * FROM jobs WHERE id = ?', id)
  return row === null ? null : parseJob(row)
}

function require(database: Database, id: string): Job {
  const job = find(database, id)
  if (job === null) throw new PlatformError('unknown_run', `Cannot find job "${id}"`, { details: { id } })
  return job
}

function events(database: Database, id: string, after: number): StoredEvent[] {
  const sql = `SELECT sequence, at, event FROM job_events
    WHERE job = (SELECT sequence FROM jobs WHERE id = ?) AND sequence > ? ORDER BY sequence`
  return database.all(sql, id, after).map((row) => parseStoredEvent(id, row))
}

function submit(database: Database, job: NewJob, rules: QueueRules): { job: Job; created: boolean } {
  const known = job.idempotency === null ? null : submittedBefore(database, job.owner, job.idempotency)
  if (known !== null) return { job: known, created: false }
  checkRoom(database, job.owner, rules)
  return { job: insert(database, job), created: true }
}

function submittedBefore(
  database: Database,
  owner: string,
  { key, bodyHash }: { readonly key: string; readonly bodyHash: string },
): Job | null {
  const sql = `SELECT body_hash, jobs.id FROM job_idempotency AS seen JOIN jobs ON jobs.sequence = seen.job
    WHERE seen.owner = ? AND seen.key = ?`
  const row = database.get(sql, owner, key)
  if (row === null) return null
  const id = String(row['id'])
  if (row['body_hash'] === bodyHash) return require(database, id)
  throw new PlatformError(
    'idempotency_conflict',
    `Cannot submit with Idempotency-Key "${key}": it belongs to job "${id}" with another body`,
    { details: { id } },
  )
}

function checkRoom(database: Database, owner: string, { maxQueued, maxQueuedPerOwner = maxQueued }: QueueRules): void {
  const queued = countWaiting(database, null)
  if (queued >= maxQueued)
    throw new PlatformError('queue_full', `Cannot queue the job: ${queued} wait, at most ${maxQueued} may`, {
      details: { queued, maxQueued },
    })
  const own = countWaiting(database, owner)
  if (own >= maxQueuedPerOwner)
    throw new PlatformError(
      'too_many_jobs',
      `Cannot queue the job: ${own} of "${owner}" wait, at most ${maxQueuedPerOwner} may`,
      { details: { queued: own, maxQueuedPerOwner } },
    )
}

function insert(database: Database, job: NewJob): Job {
  const { id, owner, createdAt, config, options, verifies } = job
  const { text, event } = writeEvent(id, { type: 'submitted' })
  const status = transition(null, event)
  const { strategy } = config
  const request = { config: JSON.stringify(config), options: JSON.stringify(options) }
  const row = database.write(
    `INSERT INTO jobs (id, owner, created_at, state, strategy, priority, round, market, interval, policy, verifies, version,
        attempt, fed, cancel_requested, symbols, labels, config_hash)
      VALUES (:id, :owner, :createdAt, :state, :strategy, :priority, :round, :market, :interval, :policy, :verifies, 1,
        :attempt, :fed, :cancelRequested, :symbols, :labels, :configHash)
      RETURNING *`,
    {
      id,
      owner,
      createdAt,
      verifies,
      strategy: 'builtin' in strategy ? strategy.builtin : `${strategy.module}#${strategy.class}`,
      market: config.market,
      interval: config.interval,
      symbols: JSON.stringify(config.symbols),
      policy: options.policy,
      priority: options.priority,
      round: nextRound(database, owner, options.priority),
      labels: JSON.stringify(options.labels),
      state: status.state,
      attempt: status.attempt,
      fed: Number(status.fed),
      cancelRequested: Number(status.cancelRequested),
      configHash: createHash('sha256').update(canonicalJson(config)).digest('hex'),
    },
  )
  const stored = parseJob(row)
  const { sequence } = stored
  parseRequest(id, request)
  database.run('INSERT INTO job_requests VALUES (?, ?, ?)', sequence, request.config, request.options)
  database.run('INSERT INTO job_events VALUES (?, 1, ?, ?)', sequence, createdAt, text)
  for (const symbol of config.symbols)
    database.run('INSERT INTO job_symbols VALUES (?, ?, ?, ?)', symbol, createdAt, sequence, owner)
  for (const [name, value] of Object.entries(options.labels))
    database.run('INSERT INTO job_labels VALUES (?, ?, ?, ?, ?)', name, value, createdAt, sequence, owner)
  if (job.idempotency !== null) {
    const { key, bodyHash } = job.idempotency
    database.run('INSERT INTO job_idempotency VALUES (?, ?, ?, ?)', owner, key, bodyHash, sequence)
  }
  return stored
}

function take(
  database: Database,
  job: Job,
  { worker, now, leaseMs }: { readonly worker: string; readonly now: number; readonly leaseMs: number },
): Job {
  const taken: JobEvent = { type: 'taken', attempt: job.attempt + 1, worker }
  return appendAll(database, job, { now, events: [taken], leaseUntil: now + leaseMs })
}

/** Appends events to the log of a job and writes their sum into its row. */
function appendAll(
  database: Database,
  job: Job,
  step: { now: number; events: readonly JobEvent[]; leaseUntil: number | null },
): Job {
  if (step.events.length === 0) return job
  let status: JobStatus = job
  let { version, startedAt, finishedAt } = job
  for (const decided of step.events) {
    const { text, event } = writeEvent(job.id, decided)
    status = transition(status, event)
    version += 1
    if (event.type === 'taken') startedAt = step.now
    if (event.type === 'finished') finishedAt = step.now
    database.run('INSERT INTO job_events VALUES (?, ?, ?, ?)', job.sequence, version, step.now, text)
  }
  const held = status.state !== 'queued' && !isFinal(status.state)
  const row = database.write(
    `UPDATE jobs SET state = :state, attempt = :attempt, worker = :worker, cell = :cell, deadline = :deadline,
        fed = :fed, cancel_requested = :cancelRequested, cached_from = :cachedFrom, outcome = :outcome, fingerprint = :fingerprint,
        total_return = :totalReturn, version = :version, started_at = :startedAt, finished_at = :finishedAt,
        lease_until = :leaseUntil
      WHERE sequence = :sequence
      RETURNING *`,
    {
      sequence: job.sequence,
      state: status.state,
      attempt: status.attempt,
      worker: status.worker,
      cell: status.cell === null ? null : JSON.stringify(status.cell),
      deadline: status.deadline,
      fed: Number(status.fed),
      cancelRequested: Number(status.cancelRequested),
      cachedFrom: status.cachedFrom,
      outcome: status.outcome === null ? null : JSON.stringify(status.outcome),
      fingerprint: status.fingerprint,
      totalReturn: status.totalReturn,
      version,
      startedAt,
      finishedAt,
      leaseUntil: held ? step.leaseUntil : null,
    },
  )
  return parseJob(row)
}
