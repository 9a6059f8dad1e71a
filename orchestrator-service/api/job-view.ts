import type { JobProgress, JobView } from '../../src/protocol/job.ts'
import { type JobEvent, rebuild } from '../jobs/job-state.ts'
import type { Job, StoredEvent } from '../store/ports.ts'
import { policyLimits } from '../sandbox/policy-limits.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'
import type { ApiContext } from './context.ts'

type Outlook = Pick<JobView, 'position' | 'estimateMs'>

/** What of a view is not in the job. */
interface Around {
  readonly outlook: Outlook
  readonly progress: JobProgress | null
  /** Undefined: the policy of the job is not one of this service. */
  readonly policy: SandboxPolicy | undefined
}

const NO_OUTLOOK: Outlook = { position: null, estimateMs: null }
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** A job as everybody sees it; what only the service needs (worker, cell, lease) stays inside. */
function buildJobView(job: Job, { outlook, progress, policy: sandbox }: Around): JobView {
  const { id, state, owner, attempt, cancelRequested, strategy, market, interval, policy, priority } = job
  return {
    id,
    state,
    owner,
    createdAt: new Date(job.createdAt).toISOString(),
    startedAt: iso(job.startedAt),
    finishedAt: iso(job.finishedAt),
    position: outlook.position,
    estimateMs: outlook.estimateMs,
    attempt,
    cancelRequested,
    strategy,
    market,
    symbols: [...job.symbols],
    interval: interval as JobView['interval'],
    policy,
    limits: limitsOf(job, sandbox),
    priority,
    labels: { ...job.labels },
    verifies: job.verifies,
    cachedFrom: job.cachedFrom,
    progress: state === 'running' || state === 'verifying' ? progress : null,
    outcome: job.outcome === null ? null : { ...job.outcome, limits: { ...job.outcome.limits } },
    fingerprint: job.fingerprint,
    totalReturn: job.totalReturn,
    links: linksOf(id),
  }
}

/** Those of the cell, where there was one. */
function limitsOf({ outcome }: Job, policy: SandboxPolicy | undefined): Record<string, unknown> {
  if (outcome !== null && Object.keys(outcome.limits).length > 0) return { ...outcome.limits }
  return policy === undefined ? {} : policyLimits(policy)
}

function linksOf(id: string): Record<string, string> {
  const self = `/v1/backtests/${id}`
  const parts = ['result', 'trades', 'equity', 'fills', 'orders', 'logs', 'events', 'cancel', 'verify']
  return {
    self,
    ...Object.fromEntries(parts.map((part) => [part, `${self}/${part}`])),
    report: `${self}/report.html`,
  }
}

/** The view of a job as it is now. */
export async function viewJob(app: ApiContext, job: Job): Promise<JobView> {
  const outlook = job.finishedAt === null ? await app.jobs.outlook(job) : NO_OUTLOOK
  return buildJobView(job, { outlook, progress: app.feed.progress(job.id), policy: app.policies.get(job.policy) })
}

/** A job as it was after its first events: for followers who are told every transition. */
export function jobAfter(job: Job, events: readonly StoredEvent[]): Job {
  const status = rebuild(events.map(({ event }) => event))
  const lastOf = (type: JobEvent['type']): number | null =>
    events.findLast(({ event }) => event.type === type)?.at ?? null
  return {
    ...job,
    ...status,
    version: events.length,
    startedAt: lastOf('taken'),
    finishedAt: lastOf('finished'),
  }
}
