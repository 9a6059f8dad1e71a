import { type Static, Type } from 'typebox'
import { INTERVALS } from '../candles/interval.ts'
import { oneOf } from './one-of.ts'
import { ResultOutcome } from './result.ts'

const strict = { additionalProperties: false } as const
const nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const JOB_STATES = [
  'queued',
  'preparing',
  'running',
  'verifying',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
] as const
export type JobState = (typeof JOB_STATES)[number]

/** States that nothing leaves any more. */
export const FINAL_STATES = ['completed', 'failed', 'cancelled', 'timed_out'] as const satisfies readonly JobState[]

export function isFinal(state: JobState): boolean {
  return (FINAL_STATES as readonly JobState[]).includes(state)
}

/** The latest word of a running job about how far it is; kept in memory only. */
export const JobProgress = Type.Object(
  {
    phase: oneOf(['load', 'decide', 'execute'] as const),
    done: Type.Number({ minimum: 0 }),
    total: Type.Number({ minimum: 0 }),
    /** Decision instant of the slowest unit, ms UTC. */
    barTime: nullable(Type.Number()),
  },
  strict,
)
export type JobProgress = Static<typeof JobProgress>

/** What the API, the CLI and the event stream show of a job. */
export const JobView = Type.Object(
  {
    id: Type.String({ description: 'Id of the job and of its run directory' }),
    state: oneOf(JOB_STATES),
    owner: Type.String({ description: 'Owner of the key that submitted it' }),
    createdAt: Type.String({ description: 'ISO 8601, UTC' }),
    startedAt: nullable(Type.String({ description: 'Of the newest attempt' })),
    finishedAt: nullable(Type.String()),
    position: nullable(
      Type.Integer({ minimum: 0, description: 'Jobs that are taken before this one; null: not queued' }),
    ),
    estimateMs: nullable(
      Type.Integer({ minimum: 0, description: 'Expected time to the end, from finished jobs; null: no history yet' }),
    ),
    attempt: Type.Integer({ minimum: 0, description: '0: never taken' }),
    cancelRequested: Type.Boolean(),
    strategy: Type.String({ description: 'Name of a built-in, or module#class' }),
    market: Type.String(),
    symbols: Type.Array(Type.String()),
    interval: oneOf(INTERVALS),
    policy: Type.String(),
    limits: Type.Record(Type.String(), Type.Unknown(), {
      description: 'As applied to the cell; while there was none, as the policy says now',
    }),
    priority: Type.Integer(),
    labels: Type.Record(Type.String(), Type.String()),
    /** Id of the run that this job executes again. */
    verifies: nullable(
      Type.String({ description: 'Id of the run that this job executes again to compare its fingerprint' }),
    ),
    cachedFrom: nullable(
      Type.String({ description: 'Id of the run with the same inputs whose result stands for that of this job' }),
    ),
    progress: nullable(JobProgress),
    outcome: nullable(ResultOutcome),
    fingerprint: nullable(Type.String()),
    totalReturn: nullable(Type.Number()),
    links: Type.Record(Type.String(), Type.String()),
  },
  { ...strict, $id: 'Job' },
)
export type JobView = Static<typeof JobView>
