import { PlatformError } from '../../src/errors.ts'
import { isFinal } from '../../src/protocol/job.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { Job, Role } from '../store/ports.ts'
import { auditCell, type AuditedCell } from './audit-cell.ts'
import { auditOfSubmission } from './audit-job.ts'
import { choosePolicy } from './choose-policy.ts'
import { saveCancelled } from './finish-job.ts'
import { closeLog, type JobContext, recordEvents, sayInLog } from './job-context.ts'
import type { Jobs } from './jobs.ts'
import { estimateJob, retryAfterSeconds } from './outlook.ts'
import { removeJob } from './remove-job.ts'
import { runBacktest, type RunRequest } from './run-backtest.ts'
import type { WorkerPool } from './worker-pool.ts'

const MAX_INSPECTIONS = 2
/** Of whoever does not say what he is. */
const LEAST_ROLE: Role = 'user'

export interface JobServiceOptions {
  readonly pool: WorkerPool
  /** False: the service ends and takes no more. */
  readonly isOpen: () => boolean
  /** Called with each job that is submitted here. */
  readonly onSubmitted: (id: string) => void
}

export function createJobService(context: JobContext, options: JobServiceOptions): Jobs {
  const { store, deps, config } = context
  let inspections = 0

  /** A refusal for want of room, with the time after which there may be some. */
  const withTime = async ({ code, message, details }: PlatformError): Promise<PlatformError> => {
    const seconds = retryAfterSeconds(await store.recentDurations(50), config.concurrency)
    return new PlatformError(code, message, { details: { ...details, retryAfterSeconds: seconds } })
  }
  const submit = async (submission: {
    owner: string
    by: string
    role: Role
    request: { config: RunConfig; options: RunOptions }
    idempotency: { key: string; bodyHash: string } | null
    verifies: string | null
  }): Promise<{ job: Job; created: boolean }> => {
    const { owner, by, role, request, idempotency, verifies } = submission
    checkOpen(options)
    checkAudit(context)
    // Before the store is asked: a replay by somebody who may not ask for the policy finds nothing
    await choosePolicy(deps, request.options, role)
    const id = deps.runs.newId()
    const job = { id, owner, createdAt: Date.now(), ...request, verifies, idempotency }
    try {
      options.onSubmitted(id)
      const submitted = await store.submit(job, config)
      if (submitted.created) {
        context.audit.note(auditOfSubmission(context, submitted.job, { request, by }))
        await context.audit.flush()
        options.pool.wake()
      }
      return submitted
    } catch (error) {
      const hasNoRoom = error instanceof PlatformError && ['queue_full', 'too_many_jobs'].includes(error.code)
      throw hasNoRoom ? await withTime(error) : error
    }
  }
  const find = async (id: string): Promise<Job> => {
    const job = await store.get(id)
    if (job !== null) return job
    throw new PlatformError('unknown_run', `Cannot find job ${JSON.stringify(id)}: there is none`)
  }

  return {
    async submit({ owner, by = owner, role = LEAST_ROLE, raw, idempotency }) {
      return await submit({ owner, by, role, request: parseConfig(raw), idempotency, verifies: null })
    },
    async submitAgain(id, { owner, by, role = LEAST_ROLE }) {
      const job = await find(id)
      if (job.state !== 'completed')
        throw new PlatformError('not_finished', `Cannot verify run "${id}": it is ${job.state}, expected completed`)
      const request = await store.request(id)
      if (request === null)
        throw new PlatformError('unknown_run', `Cannot verify run "${id}": its configuration is gone`)
      return (await submit({ owner, by, role, request, idempotency: null, verifies: id })).job
    },
    cancel: async (id, by) => await cancelJob(context, options.pool, await find(id), by),
    async delete(id, by) {
      checkAudit(context)
      const { owner } = await removeJob(context, id)
      context.audit.note({ type: 'job_deleted', job: id, owner, by })
      await context.audit.flush()
    },
    async inspect(raw, signal, role = LEAST_ROLE) {
      checkOpen(options)
      const request = parseConfig(withDefaults(raw))
      await choosePolicy(deps, request.options, role)
      if (inspections >= MAX_INSPECTIONS)
        throw await withTime(
          new PlatformError(
            'queue_full',
            `Cannot inspect: ${inspections} inspections run already, expected at most ${MAX_INSPECTIONS - 1}`,
          ),
        )
      checkAudit(context)
      inspections += 1
      let audited: AuditedCell | null = null
      try {
        const job = {
          job: 'inspect',
          mode: 'inspect',
          ...request,
          signal,
          async onCell(cell, policy, image) {
            audited = auditCell(context.audit, cell, { job: 'inspect', attempt: 1, policy, image, signal })
            await audited.started
          },
        } satisfies RunRequest
        const { outcome, inspection } = await runBacktest(deps, job)
        return { outcome, inspection }
      } finally {
        await (audited as AuditedCell | null)?.ended
        await (audited as AuditedCell | null)?.gone
        inspections -= 1
      }
    },
    outlook: async (job) => await estimateJob(context, job),
  }
}

/** A strategy can be looked at without saying on what it is to run. */
function withDefaults(raw: unknown): unknown {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return raw
  return { symbols: ['SYMBOL'], interval: '1h', ...raw }
}

function checkOpen(options: JobServiceOptions): void {
  if (options.isOpen()) return
  throw new PlatformError('service_unavailable', 'Cannot take a job: the service is ending, expected it to be open')
}

/** What cannot be written down is not begun. */
function checkAudit({ audit }: JobContext): void {
  if (audit.failure !== null) throw audit.failure
}

async function cancelJob(context: JobContext, pool: WorkerPool, job: Job, by: string): Promise<Job> {
  const { id } = job
  const cancelled = await context.exclusive(id, async () => {
    const now = await context.store.get(id)
    if (now === null || isFinal(now.state) || now.cancelRequested) return now ?? job
    // Null also for a request that cannot be read: the job ends as soon as it is taken
    const request = now.state === 'queued' ? await context.store.request(id).catch(() => null) : null
    const outcome = request === null ? null : await saveCancelled(context, now, request)
    sayInLog(context.logs, id, `Cancelled by ${by}`)
    // Now: whoever follows is told the end of a log that is complete
    await closeLog(context, id)
    return await recordEvents(context, id, (current) => {
      if (isFinal(current.state) || current.cancelRequested) return []
      const requested = { type: 'cancel_requested', by } as const
      if (current.state !== 'queued' || outcome === null) return [requested]
      const { attempt } = current
      return [requested, { type: 'finished', attempt, outcome, fingerprint: null, totalReturn: null }]
    })
  })
  if (!isFinal(cancelled.state)) pool.cancel(id)
  return cancelled
}
