import type { FastifyRequest } from 'fastify'
import { PlatformError } from '../../../src/errors.ts'
import type { Job } from '../../store/ports.ts'
import type { ApiContext, Principal } from '../context.ts'

export function principalOf(request: FastifyRequest): Principal {
  if (request.principal !== null) return request.principal
  throw new PlatformError('invariant', 'Invariant: a route that needs to know who asks is open to everybody')
}

/** The job that a request names, if it may see it. Whether there is a job of somebody else cannot be told. @throws unknown_run */
export async function findJob(app: ApiContext, request: FastifyRequest<{ Params: { id: string } }>): Promise<Job> {
  const { owner, role } = principalOf(request)
  const { id } = request.params
  const job = await app.stores.jobs.get(id)
  if (job === null || (role === 'user' && job.owner !== owner)) {
    throw new PlatformError(
      'unknown_run',
      `Cannot find job ${JSON.stringify(id)}: there is none, expected the id of a job`,
    )
  }
  request.jobId = id
  return job
}
