import { canonicalJson } from '../../src/protocol/canonical-json.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import { sha256 } from '../audit/chain.ts'
import type { RunDeps } from '../deps.ts'
import type { Job } from '../store/ports.ts'
import type { JobEvent } from './job-state.ts'

/** What the audit log says of a step of a job; null: the cell's own events say it, or nobody needs it. */
export function auditOfEvent({ id, state }: Job, event: JobEvent): AuditEvent | null {
  switch (event.type) {
    case 'retried':
      return {
        type: 'job_retried',
        job: id,
        attempt: event.attempt,
        cause: event.cause,
        reason: event.reason.slice(0, 300),
      }
    case 'cancel_requested':
      return { type: 'job_cancel_requested', job: id, by: event.by }
    case 'finished': {
      const { attempt, outcome, fingerprint } = event
      const { kind, reason } = outcome
      return { type: 'job_finished', job: id, attempt, state, kind, reason, fingerprint }
    }
    case 'submitted':
    case 'taken':
    case 'started':
    case 'fed':
    case 'adopted':
    case 'answered':
    case 'reused':
      return null
  }
}

export function auditOfSubmission(
  { deps }: { readonly deps: RunDeps },
  job: Job,
  { request, by }: { readonly request: { config: RunConfig; options: RunOptions }; readonly by: string },
): AuditEvent {
  const { id, owner, policy, verifies } = job
  const requestSha256 = sha256(canonicalJson(request))
  return {
    type: 'job_submitted',
    job: id,
    owner,
    by,
    policy,
    policyHash: hashOf(deps, policy),
    requestSha256,
    verifies,
  }
}

export function auditOfTaking(
  { deps, worker }: { readonly deps: RunDeps; readonly worker: string },
  job: Job,
): AuditEvent {
  const { id, attempt, owner, policy } = job
  return { type: 'job_taken', job: id, attempt, owner, worker, policy, policyHash: hashOf(deps, policy) }
}

function hashOf({ policies }: RunDeps, policy: string): string | null {
  return policies.get(policy)?.hash ?? null
}
