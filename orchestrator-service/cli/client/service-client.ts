import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { PlatformError } from '../../../src/errors.ts'
import { matchShape } from '../../../src/protocol/check.ts'
import type { Comparison } from '../../../src/protocol/comparison.ts'
import { JobView } from '../../../src/protocol/job.ts'
import type { Outcome } from '../../../src/protocol/outcome.ts'
import type { Result } from '../../../src/protocol/result.ts'
import type { StrategyInspection } from '../../../src/protocol/runner-result.ts'
import type { CellListing } from '../../admin/list-cells.ts'
import type { PoolStatus } from '../../admin/pool-status.ts'
import type { PruneReport, PruneRequest } from '../../admin/prune.ts'
import type { LogEntry } from '../../logs/job-log.ts'
import { isRunId } from '../../results/run-path.ts'
import type { DamagedJob, Role } from '../../store/ports.ts'
import { followJob, type JobMessage, parseEntry } from './follow.ts'
import type { HttpClient } from './http-client.ts'
import { lines } from './lines.ts'

/** As the API takes it. */
export interface RunQuery {
  readonly state?: readonly string[] | undefined
  readonly strategy?: string | undefined
  readonly symbol?: string | undefined
  /** `name:value` */
  readonly label?: string | undefined
  readonly limit?: string | undefined
  readonly cursor?: string | undefined
}

/** A key as the service shows it. */
export interface KeyView {
  readonly id: string
  readonly owner: string
  readonly role: Role
  readonly createdAt: string
  readonly revokedAt: string | null
}

/** What the commands ask of a service, wherever it is. Refusals are thrown with the code that the service names. */
export interface ServiceClient {
  /** Queues a run; a connection that breaks on the way does not make two of one. */
  submit(raw: unknown): Promise<string>
  job(id: string): Promise<JobView>
  result(id: string): Promise<Result>
  list(query: RunQuery): Promise<{ jobs: JobView[]; damaged: DamagedJob[]; cursor: string | null }>
  cancel(id: string): Promise<JobView>
  /** Id of the job that executes the run again. */
  verify(id: string): Promise<string>
  remove(id: string): Promise<void>
  report(id: string): Promise<string>
  /** The first says periods per year, risk-free rate and benchmark. */
  compare(ids: readonly string[]): Promise<Comparison>
  logs(id: string): AsyncGenerator<LogEntry>
  follow(id: string, signal: AbortSignal): AsyncGenerator<JobMessage>
  inspect(raw: unknown): Promise<{ outcome: Outcome; inspection: StrategyInspection | null }>
  /** The secret is told this once. */
  createKey(owner: string, role: Role): Promise<KeyView & { readonly secret: string }>
  listKeys(): Promise<KeyView[]>
  revokeKey(id: string): Promise<KeyView>
  cells(): Promise<CellListing[]>
  /** Null: no service keeps cells ready. */
  pool(): Promise<PoolStatus | null>
  prune(request: PruneRequest): Promise<PruneReport>
}

const SUBMIT_AGAIN_MS = 500
const INSPECT_TIMEOUT_MS = 120_000
/** Of many jobs it takes a while. */
const PRUNE_TIMEOUT_MS = 3_600_000

const pathOf = (id: string, part = ''): string => `/v1/backtests/${encodeURIComponent(id)}${part}`

function queryOf(query: Readonly<Record<string, string | readonly string[] | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : (value ?? [])).map((one) => [name, one]),
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

export function createServiceClient(http: HttpClient): ServiceClient {
  const get = async (path: string): Promise<unknown> => (await http.json('GET', path)).body
  const post = async (path: string, body?: unknown): Promise<unknown> =>
    (await http.json('POST', path, body === undefined ? {} : { body })).body
  return {
    submit: async (raw) => await submit(http, raw),
    job: async (id) => toJob(await get(pathOf(id))),
    result: async (id) => (await get(pathOf(id, '/result'))) as Result,
    async list(query) {
      const { jobs, damaged, cursor } = (await get(`/v1/backtests${queryOf({ ...query })}`)) as {
        jobs: unknown[]
        damaged: DamagedJob[]
        cursor: string | null
      }
      return { jobs: jobs.map(toJob), damaged, cursor }
    },
    cancel: async (id) => toJob(await post(pathOf(id, '/cancel'))),
    verify: async (id) => idOf(await post(pathOf(id, '/verify'))),
    async remove(id) {
      await http.json('DELETE', pathOf(id))
    },
    report: async (id) => await http.text(pathOf(id, '/report.html')),
    compare: async (run) => (await get(`/v1/compare${queryOf({ run })}`)) as Comparison,
    async *logs(id) {
      const body = await http.stream(pathOf(id, '/logs'))
      for await (const line of lines(body)) yield parseEntry(JSON.parse(line))
    },
    follow: (id, signal) => followJob(http, id, signal),
    async inspect(body) {
      const answer = await http.json('POST', '/v1/strategies/inspect', { body, timeoutMs: INSPECT_TIMEOUT_MS })
      return answer.body as { outcome: Outcome; inspection: StrategyInspection | null }
    },
    createKey: async (owner, role) =>
      (await post('/v1/admin/keys', { owner, role })) as KeyView & { readonly secret: string },
    listKeys: async () => ((await get('/v1/admin/keys')) as { keys: KeyView[] }).keys,
    revokeKey: async (id) => (await http.json('DELETE', `/v1/admin/keys/${encodeURIComponent(id)}`)).body as KeyView,
    cells: async () => ((await get('/v1/admin/cells')) as { cells: CellListing[] }).cells,
    pool: async () => ((await get('/v1/admin/pool')) as { pool: PoolStatus | null }).pool,
    async prune(body) {
      const answer = await http.json('POST', '/v1/admin/prune', { body, timeoutMs: PRUNE_TIMEOUT_MS })
      return answer.body as PruneReport
    },
  }
}

/** With one idempotency key for both attempts: the second finds the job of the first, if there is one. */
async function submit(http: HttpClient, body: unknown): Promise<string> {
  const options = { body, headers: { 'idempotency-key': randomUUID() } }
  try {
    return idOf((await http.json('POST', '/v1/backtests', options)).body)
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'service_unreachable') throw error
    await delay(SUBMIT_AGAIN_MS)
    return idOf((await http.json('POST', '/v1/backtests', options)).body)
  }
}

/** Ids are printed, and become paths. */
function idOf(answer: unknown): string {
  const { id } = (answer ?? {}) as { id?: unknown }
  if (typeof id === 'string' && isRunId(id)) return id
  throw otherRelease('an answer without the id of the job')
}

function toJob(value: unknown): JobView {
  const job = matchShape(JobView, value)
  if (job !== null && isRunId(job.id)) return job
  throw otherRelease('a job in another form')
}

function otherRelease(what: string): PlatformError {
  return new PlatformError('protocol', `Cannot read the answer of the service: it is ${what}`, {
    hint: 'The service may be of another release than this command',
  })
}
