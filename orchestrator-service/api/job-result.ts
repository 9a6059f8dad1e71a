import type { Result } from '../../src/protocol/result.ts'
import { PlatformError } from '../../src/errors.ts'
import { buildResult } from '../results/build-result.ts'
import type { Job } from '../store/ports.ts'
import type { ApiContext } from './context.ts'

/**
 * The result of a job that has ended. The row of the job is the truth: where the file says something else (a crash between
 * both, a cancel that came first), or there is none, the result is made from the row.
 * @throws PlatformError not_finished, unknown_run (the files of a completed run are gone)
 */
export async function loadJobResult(app: ApiContext, job: Job): Promise<Result> {
  const { id, outcome } = job
  if (outcome === null) throw notFinished(job)
  const stored = await app.runs.load(id).catch((error: unknown) => {
    if (outcome.kind !== 'ok' && error instanceof PlatformError && error.code === 'unknown_run') return null
    throw error
  })
  if (stored !== null && agrees(stored, job)) return stored
  if (outcome.kind === 'ok') {
    throw new PlatformError(
      'unknown_run',
      `Cannot show the result of "${id}": its file is of another run, expected its own`,
    )
  }
  return await resultOfRow(app, job, outcome)
}

function agrees(result: Result, { outcome, fingerprint }: Job): boolean {
  const same = result.outcome.kind === outcome?.kind && result.outcome.reason === outcome.reason
  return same && result.fingerprint === fingerprint
}

async function resultOfRow(app: ApiContext, job: Job, outcome: NonNullable<Job['outcome']>): Promise<Result> {
  const request = await app.stores.jobs.request(job.id)
  if (request === null) throw new PlatformError('unknown_run', `Cannot show "${job.id}": it was deleted`)
  return buildResult({
    id: job.id,
    ...request,
    outcome,
    data: null,
    verified: null,
    provenance: {
      createdAt: new Date(job.createdAt).toISOString(),
      image: null,
      node: 'unknown',
      arch: 'unknown',
      units: [],
      timings: {},
    },
  })
}

export function notFinished({ id, state }: Job): PlatformError {
  return new PlatformError(
    'not_finished',
    `Cannot use the result of "${id}": the job is ${state}, expected one that ended`,
  )
}
