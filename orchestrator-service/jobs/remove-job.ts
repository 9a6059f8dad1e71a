import { PlatformError } from '../../src/errors.ts'
import { isFinal } from '../../src/protocol/job.ts'
import type { Job } from '../store/ports.ts'
import type { JobContext } from './job-context.ts'

/** Removes a job that has ended, with all its files. @throws PlatformError unknown_run, not_finished */
export async function removeJob(
  { store, deps, exclusive }: Pick<JobContext, 'store' | 'deps' | 'exclusive'>,
  id: string,
): Promise<Job> {
  return await exclusive(id, async () => {
    const job = await store.get(id)
    if (job === null) throw new PlatformError('unknown_run', `Cannot find job ${JSON.stringify(id)}: there is none`)
    if (!isFinal(job.state))
      throw new PlatformError('not_finished', `Cannot delete job "${id}": it is ${job.state}, expected its end`)
    // In this order a crash leaves a job that can be deleted again
    await deps.runs.remove(id)
    await store.delete(id)
    return job
  })
}
