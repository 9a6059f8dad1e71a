import { PlatformError } from '../../src/errors.ts'
import { isFinal } from '../../src/protocol/job.ts'
import { auditFile } from '../audit/audit-lines.ts'
import { readRecords } from '../audit/read-chain.ts'
import type { Job } from '../store/ports.ts'
import type { JobContext } from './job-context.ts'

/** Further back nothing can be missing: events wait for at most a few milliseconds, or until the disk has room. */
const LOOKED_AT = 5000

/**
 * A process that was killed between the last step of a job and the write of its event leaves a job without an end in the
 * audit log. What the store says of such jobs is added, marked as late.
 */
export async function completeAudit({ audit, store }: JobContext, dataDir: string): Promise<void> {
  const open = new Set<string>()
  const from = Math.max(1, audit.head.sequence - LOOKED_AT)
  for await (const { record } of readRecords(auditFile(dataDir), { from })) {
    const { type, job, jobs } = record.event
    if (type === 'pruned' && Array.isArray(jobs)) for (const id of jobs as string[]) open.delete(id)
    if (typeof job !== 'string') continue
    if (type === 'job_submitted' || type === 'job_taken') open.add(job)
    if (type === 'job_finished' || type === 'job_deleted') open.delete(job)
  }
  for (const id of open) {
    const job = await findSound(store, id)
    if (job === null || !isFinal(job.state) || job.outcome === null) continue
    const { attempt, state, fingerprint, outcome } = job
    const { kind, reason } = outcome
    audit.note({ type: 'job_finished', job: id, attempt, state, kind, reason, fingerprint, late: true })
  }
}

/** Of a job that is stored damaged nothing can be said. */
async function findSound(store: JobContext['store'], id: string): Promise<Job | null> {
  try {
    return await store.get(id)
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'invariant') return null
    throw error
  }
}
