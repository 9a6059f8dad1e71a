import type { FastifyReply } from 'fastify'
import { isFinal } from '../../../src/protocol/job.ts'
import type { Job } from '../../store/ports.ts'
import type { ApiServer } from '../context.ts'
import { watchJob } from '../follow/job-changes.ts'

const LOOK_AGAIN_MS = 5000

/** The job when it has ended, or as it is after `seconds`; sooner when the client is gone or the service ends. */
export async function waitForEnd(
  { app, waits }: ApiServer,
  job: Job,
  wait: { seconds: number; reply: FastifyReply },
): Promise<Job> {
  const place = waits.enter()
  const gone = new AbortController()
  const signal = AbortSignal.any([place.signal, gone.signal])
  wait.reply.raw.once('close', () => gone.abort())
  using changes = watchJob(app.feed, job.id, signal)
  try {
    const until = performance.now() + wait.seconds * 1000
    let latest = job
    for (;;) {
      latest = (await app.stores.jobs.get(job.id)) ?? latest
      const left = until - performance.now()
      if (isFinal(latest.state) || left <= 0 || signal.aborted) return latest
      await changes.next(Math.min(left, LOOK_AGAIN_MS))
    }
  } finally {
    place.leave()
  }
}
