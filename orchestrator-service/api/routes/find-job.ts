import type { FastifyRequest } from 'fastify'
import { PlatformError } from '../../../src/errors.ts'
import type { AuditActor } from '../../audit/audit-event.ts'
import type { Job } from '../../store/ports.ts'
import type { ApiContext, Principal } from '../context.ts'

export function principalOf(request: FastifyRequest): Principal {
  if (request.principal !== null) return request.principal
  throw new PlatformError('invariant', 'Invariant: a route that needs to know who asks is open to everybody')
}

/** The principal as the audit log names it. */
export function actorOf(request: FastifyRequest): AuditActor {
  const { keyId, owner, role } = principalOf(request)
  return { key: keyId, owner, role }
}

/**
 * The job that a request names, if it may see it. Whether there is a job of somebody else cannot be told. `reads` names what
 * of it is going to be read: where it is somebody else's, that is written to the audit log first, or refused.
 * @throws unknown_run, service_unavailable
 */
export async function findJob(
  app: ApiContext,
  request: FastifyRequest<{ Params: { id: string } }>,
  reads: string | null = null,
): Promise<Job> {
  return await findJobById(app, request, { id: request.params.id, reads })
}

/** As `findJob`, for a request that names several. */
export async function findJobById(
  app: ApiContext,
  request: FastifyRequest,
  { id, reads }: { id: string; reads: string | null },
): Promise<Job> {
  const { owner, role } = principalOf(request)
  const job = await app.stores.jobs.get(id)
  if (job === null || (role === 'user' && job.owner !== owner)) {
    throw new PlatformError(
      'unknown_run',
      `Cannot find job ${JSON.stringify(id)}: there is none, expected the id of a job`,
    )
  }
  request.jobId = id
  if (reads !== null && job.owner !== owner)
    await app.audit.require({ type: 'job_read', job: id, owner: job.owner, what: reads, by: actorOf(request) })
  return job
}
