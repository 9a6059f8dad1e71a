import { type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { PlatformError } from '../../../src/errors.ts'
import { JOB_STATES } from '../../../src/protocol/job.ts'
import { oneOf } from '../../../src/protocol/one-of.ts'
import { Result, ResultOutcome } from '../../../src/protocol/result.ts'
import type { RunConfig, RunOptions } from '../../../src/protocol/run-config.ts'
import { ADOPT_CAUSES, type JobEvent, RETRY_CAUSES } from '../../jobs/job-state.ts'
import type { DamagedJob, Job, StoredEvent } from '../ports.ts'
import type { Row } from './database.ts'
import { addLaterSettings, type StoredPart } from './stored-settings.ts'

/**
 * Rows are read as strictly as anything from outside: a damaged one is an error that names its job, never a job with an
 * impossible state.
 */
const strict = { additionalProperties: false } as const
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Count = Type.Integer({ minimum: 0 })
const Flag = Type.Integer({ minimum: 0, maximum: 1 })

const CellShape = Type.Object(
  { cellId: Type.String(), containerId: Type.String(), name: Type.String(), image: Type.String() },
  strict,
)

const JobRow = Compile(
  Type.Object(
    {
      sequence: Type.Integer({ minimum: 1 }),
      id: Type.String({ minLength: 1 }),
      owner: Type.String(),
      created_at: Type.Integer(),
      state: oneOf(JOB_STATES),
      strategy: Type.String(),
      priority: Type.Integer(),
      round: Count,
      market: Type.String(),
      interval: Type.String(),
      policy: Type.String(),
      verifies: nullable(Type.String()),
      version: Type.Integer({ minimum: 1 }),
      attempt: Count,
      started_at: nullable(Type.Integer()),
      finished_at: nullable(Type.Integer()),
      lease_until: nullable(Type.Integer()),
      deadline: nullable(Type.Integer()),
      fed: Flag,
      cancel_requested: Flag,
      worker: nullable(Type.String()),
      cached_from: nullable(Type.String()),
      config_hash: nullable(Type.String()),
      fingerprint: nullable(Type.String()),
      total_return: nullable(Type.Number()),
      symbols: Type.String(),
      labels: Type.String(),
      cell: nullable(Type.String()),
      outcome: nullable(Type.String()),
    },
    strict,
  ),
)
const Symbols = Compile(Type.Array(Type.String()))
const Labels = Compile(Type.Record(Type.String(), Type.String()))
const Cell = Compile(CellShape)
const StoredOutcome = Compile(ResultOutcome)

const Attempt = Type.Integer({ minimum: 1 })
const event = <const N extends string, P extends Record<string, TSchema>>(type: N, fields: P) =>
  Type.Object({ type: Type.Literal(type), ...fields }, strict)
const EventShape = Compile(
  Type.Union([
    event('submitted', {}),
    event('taken', { attempt: Attempt, worker: Type.String() }),
    event('started', { attempt: Attempt, cell: CellShape, deadline: Type.Integer() }),
    event('fed', { attempt: Attempt }),
    event('adopted', { attempt: Attempt, worker: Type.String(), cause: oneOf(ADOPT_CAUSES) }),
    event('answered', { attempt: Attempt }),
    event('reused', { attempt: Attempt, source: Type.String() }),
    event('retried', { attempt: Attempt, cause: oneOf(RETRY_CAUSES), reason: Type.String() }),
    event('cancel_requested', { by: Type.String() }),
    event('finished', {
      attempt: Count,
      outcome: ResultOutcome,
      fingerprint: nullable(Type.String()),
      totalReturn: nullable(Type.Number()),
    }),
  ]),
)
const EventRow = Compile(
  Type.Object({ sequence: Type.Integer({ minimum: 1 }), at: Type.Integer(), event: Type.String() }, strict),
)
const StoredConfig = Compile(
  Type.Object(
    {
      ...Result.properties.config.properties,
      execution: Type.Object(
        {
          marketFill: Type.Union([Type.Literal('next_open'), Type.Literal('same_close')]),
          onSame: oneOf(['ignore', 'add', 'replace']),
          onShortfall: oneOf(['shrink', 'refuse']),
          retryBars: Count,
          maxWaitBars: Count,
          limitTouch: Type.String(),
          clampSlippage: Type.Boolean(),
          participation: Type.Union([Type.Number(), Type.Null()]),
          trailBasis: oneOf(['extreme', 'close']),
          bracketFrom: oneOf(['line', 'next_bar', 'market_entries']),
          restingLimit: oneOf(['limit', 'open']),
          quantity: oneOf(['steps', 'integer']),
          cashCheck: oneOf(['admit', 'submission_and_fill', 'fill']),
        },
        strict,
      ),
      data: Type.Object(
        { gaps: oneOf(['mark', 'refuse']), maxSyntheticShare: Type.Number(), maxGapBars: Type.Number() },
        strict,
      ),
    },
    strict,
  ),
)
const StoredOptions = Compile(Type.Object({ ...Result.properties.options.properties, cache: Type.Boolean() }, strict))

interface Shape<T> {
  Check(value: unknown): value is T
}

/** @throws PlatformError invariant */
export function parseJob(row: Row): Job {
  const id = String(row['id'])
  if (!JobRow.Check(row)) throw damaged(id, 'its row')
  const finished = row.outcome !== null && row.finished_at !== null
  const isFinal = ['completed', 'failed', 'cancelled', 'timed_out'].includes(row.state)
  if (finished !== isFinal) throw damaged(id, 'its outcome')
  return {
    id,
    owner: row.owner,
    sequence: row.sequence,
    createdAt: row.created_at,
    strategy: row.strategy,
    market: row.market,
    symbols: parseJson(Symbols, row.symbols, { id, part: 'its symbols' }),
    interval: row.interval,
    policy: row.policy,
    priority: row.priority,
    labels: parseJson(Labels, row.labels, { id, part: 'its labels' }),
    verifies: row.verifies,
    state: row.state,
    attempt: row.attempt,
    worker: row.worker,
    cell: row.cell === null ? null : parseJson(Cell, row.cell, { id, part: 'its cell' }),
    deadline: row.deadline,
    fed: row.fed === 1,
    cancelRequested: row.cancel_requested === 1,
    cachedFrom: row.cached_from,
    outcome: row.outcome === null ? null : parseJson(StoredOutcome, row.outcome, { id, part: 'its outcome' }),
    fingerprint: row.fingerprint,
    totalReturn: row.total_return,
    version: row.version,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    leaseUntil: row.lease_until,
  }
}

/** Rows as jobs; those that cannot be read stand aside, so that one of them does not hide all others. */
export function parseJobs(rows: readonly Row[]): { jobs: Job[]; damaged: DamagedJob[] } {
  const jobs: Job[] = []
  const damaged: DamagedJob[] = []
  for (const row of rows) {
    try {
      jobs.push(parseJob(row))
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      damaged.push({ id: String(row['id']), message: error.message })
    }
  }
  return { jobs, damaged }
}

/** @throws PlatformError invariant */
export function parseStoredEvent(id: string, row: Row): StoredEvent {
  if (!EventRow.Check(row)) throw damaged(id, 'an event')
  return { sequence: row.sequence, at: row.at, event: parseEvent(id, row.event) }
}

/** The text of an event, which is certain to be read back as the same event. @throws PlatformError invariant */
export function writeEvent(id: string, event: JobEvent): { text: string; event: JobEvent } {
  const text = JSON.stringify(event)
  return { text, event: parseEvent(id, text) }
}

function parseEvent(id: string, text: string): JobEvent {
  return parseJson(EventShape, text, { id, part: 'an event' })
}

/** @throws PlatformError invariant */
export function parseRequest(id: string, row: Row): { config: RunConfig; options: RunOptions } {
  const { config, options } = row
  return {
    config: parseJson(StoredConfig, config, { id, part: 'its configuration', later: 'config' }),
    options: parseJson(StoredOptions, options, { id, part: 'its options', later: 'options' }),
  }
}

function parseJson<T>(
  shape: Shape<T>,
  text: unknown,
  { id, part, later }: { id: string; part: string; later?: StoredPart },
): T {
  let value: unknown
  try {
    value = JSON.parse(String(text))
  } catch (cause) {
    throw damaged(id, part, cause)
  }
  if (later !== undefined) value = addLaterSettings(later, value)
  if (!shape.Check(value)) throw damaged(id, part)
  return value
}

function damaged(id: string, part: string, cause?: unknown): PlatformError {
  return new PlatformError('invariant', `Cannot read job "${id}": it is damaged in ${part}`, {
    cause,
    details: { job: id },
    hint: 'Put back a backup of hotcell.db from before the damage; docs/operations.md says how',
  })
}
