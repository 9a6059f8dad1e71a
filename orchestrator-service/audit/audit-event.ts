import type { Role } from '../store/ports.ts'

/** Who did it: a key, or `service` for what nobody asked for. */
export interface AuditActor {
  readonly key: string
  readonly owner: string
  readonly role: Role
}

interface OfCell {
  readonly job: string
  readonly attempt: number
  readonly cell: string
}

/** How a cell ended, as the engine and the host saw it. */
export interface CellEndFacts {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly killedBy: string | null
  /** Why the host ended it or refused it; null: it ended by itself. */
  readonly kind: string | null
  readonly reason: string | null
  readonly oomKilled: boolean
  readonly wallMs: number
  readonly cpuNanos: number | null
  readonly peakMemoryBytes: number | null
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** Of what the host kept of stdout, which is all unless `stdoutDroppedBytes` says otherwise. */
  readonly stdoutSha256: string
  readonly stdoutDroppedBytes: number
  /** Of all bytes received. */
  readonly stderrSha256: string
}

/** What can be said in the audit log. Nothing in it is free text of a strategy. */
export type AuditEvent =
  /** `jobs`: how many the store had; a log that begins late is seen by it. */
  | { readonly type: 'chain_started'; readonly instance: string; readonly jobs: number }
  /** The last line was torn by a crash and was cut off. */
  | { readonly type: 'tail_repaired'; readonly offset: number; readonly bytes: number; readonly sha256: string }
  /** The log could not be written for a while; `lost` events found no room meanwhile. */
  | { readonly type: 'writing_resumed'; readonly since: string; readonly problem: string; readonly lost: number }
  | { readonly type: 'service_started'; readonly worker: string; readonly version: string; readonly oneShot: boolean }
  | { readonly type: 'service_stopped'; readonly worker: string }
  | {
      readonly type: 'job_submitted'
      readonly job: string
      readonly owner: string
      readonly by: string
      readonly policy: string
      readonly policyHash: string | null
      /** sha256 over the canonical JSON of configuration, files and options. */
      readonly requestSha256: string
      readonly verifies: string | null
    }
  | {
      readonly type: 'job_taken'
      readonly job: string
      readonly attempt: number
      readonly owner: string
      readonly worker: string
      readonly policy: string
      readonly policyHash: string | null
    }
  /** `cause`: lost, the process that started the cell is gone; engine, a restart of the engine cut it off. */
  | {
      readonly type: 'job_adopted'
      readonly job: string
      readonly attempt: number
      readonly worker: string
      readonly cause: string
    }
  | {
      readonly type: 'job_retried'
      readonly job: string
      readonly attempt: number
      readonly cause: string
      readonly reason: string
    }
  | { readonly type: 'job_cancel_requested'; readonly job: string; readonly by: string }
  | {
      readonly type: 'job_finished'
      readonly job: string
      readonly attempt: number
      readonly state: string
      readonly kind: string
      readonly reason: string | null
      readonly fingerprint: string | null
      /** Added by the next start from the store: the process was killed before it could write it. */
      readonly late?: true
    }
  | { readonly type: 'job_deleted'; readonly job: string; readonly owner: string; readonly by: string }
  | ({
      readonly type: 'cell_started'
      readonly container: string
      readonly policy: string
      readonly policyHash: string
      readonly image: string
      readonly imageDigest: string
      readonly limits: Readonly<Record<string, number | string>>
    } & OfCell)
  /** The cell says of itself what the policy asks. */
  | ({ readonly type: 'cell_attested'; readonly attestationSha256: string } & OfCell)
  | ({ readonly type: 'cell_ended' } & OfCell & CellEndFacts)
  /** Its container is removed, or not; what the kernel says of its processes then: gone, empty, busy or unknown. */
  | ({
      readonly type: 'cell_gone'
      readonly removed: boolean
      readonly cgroup: string
      /** From the kill, or from its own end. */
      readonly afterMs: number
    } & OfCell)
  /** A container that no job of this process has: left by an earlier one. */
  | { readonly type: 'cell_removed'; readonly cell: string; readonly container: string; readonly removed: boolean }
  | {
      readonly type: 'key_created'
      readonly key: string
      readonly owner: string
      readonly role: Role
      readonly by: string
    }
  | { readonly type: 'key_revoked'; readonly key: string; readonly by: string }
  | ({ readonly type: 'keys_listed' } & { readonly by: AuditActor })
  /** An administrator or auditor read what belongs to somebody else. */
  | {
      readonly type: 'job_read'
      readonly job: string
      readonly owner: string
      readonly what: string
      readonly by: AuditActor
    }
  | {
      readonly type: 'logs_searched'
      /** Those with entries in the answer. */
      readonly jobs: readonly string[]
      readonly filter: Readonly<Record<string, string>>
      readonly by: AuditActor
    }
  | {
      readonly type: 'pruned'
      readonly by: string
      readonly finishedBefore: string
      readonly kept: number
      readonly jobs: readonly string[]
      readonly images: readonly string[]
    }

/** One line of the log, read back. */
export interface AuditRecord {
  readonly sequence: number
  /** ISO 8601, UTC, of the host's clock. */
  readonly at: string
  /** Hash of the line before; 64 zeros in the first one. */
  readonly previous: string
  readonly event: { readonly type: string } & Readonly<Record<string, unknown>>
  /** sha256, hex, over the canonical JSON of the four others. */
  readonly hash: string
}
