import { canonicalJson } from '../../src/protocol/canonical-json.ts'
import type { CellEndFacts } from '../audit/audit-event.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { sha256 } from '../audit/chain.ts'
import type { RunnerImage } from '../deps.ts'
import { RELEASE } from '../sandbox/adopt-cell.ts'
import type { Cell } from '../sandbox/cell-handle.ts'
import type { CellEnd, CellExit } from '../sandbox/exit.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'

/** What the audit log says of the cell of an attempt. */
export interface AuditedCell {
  /** The start is written. @throws PlatformError service_unavailable: the cell must get nothing to run */
  readonly started: Promise<void>
  /** The end is noted, before anything that follows from it. */
  readonly ended: Promise<void>
  /** The same of its removal; null: it was let go of. */
  readonly gone: Promise<ReturnType<typeof goneFacts> | null>
}

export function auditCell(
  audit: AuditLog,
  cell: Cell,
  of: {
    readonly job: string
    readonly attempt: number
    readonly policy: SandboxPolicy
    readonly image: RunnerImage
    /** An abort with the reason RELEASE lets go of a cell, which is no end. */
    readonly signal: AbortSignal
  },
): AuditedCell {
  const { job, attempt, policy, image, signal } = of
  const ids = { job, attempt, cell: cell.id }
  const started = audit.require({
    type: 'cell_started',
    ...ids,
    container: cell.containerId,
    policy: policy.name,
    policyHash: policy.hash,
    image: image.id,
    imageDigest: image.digest,
    limits: limitsOf(policy),
  })
  cell.attested.then(
    (attestation) =>
      audit.note({ type: 'cell_attested', ...ids, attestationSha256: sha256(canonicalJson(attestation)) }),
    // Its end says why
    () => {},
  )
  const ended = cell.ended.then(async (end) => {
    if ((signal.reason === RELEASE && end.exitCode === null) || end.engine === 'detached') return
    audit.note({ type: 'cell_ended', ...ids, ...(await factsOf(end)) })
  })
  const gone = cell.finished.then((exit) => {
    if ((signal.reason === RELEASE && exit.exitCode === null) || exit.engine === 'detached') return null
    const facts = goneFacts(exit)
    audit.note({ type: 'cell_gone', ...ids, ...facts })
    return facts
  })
  return { started, ended, gone }
}

/** What is left of a cell, in the words of the audit log. */
export function goneFacts({ removed, remains }: Pick<CellExit, 'removed' | 'remains'>) {
  return { removed, cgroup: remains.cgroup, afterMs: remains.afterMs }
}

export function limitsOf(policy: SandboxPolicy): Readonly<Record<string, number | string>> {
  const { runtime, memoryBytes, cores, pids, tmpfsBytes, wallTimeMs, barTimeMs, stdoutBytes, logBytes } = policy
  return { runtime, memoryBytes, cores, pids, tmpfsBytes, wallTimeMs, barTimeMs, stdoutBytes, logBytes }
}

export async function factsOf(end: CellEnd): Promise<CellEndFacts> {
  const { exitCode, signal, killedBy, cause, oomKilled, usage, stderr, stdoutDroppedBytes } = end
  // Off the thread, and of a copy made now: the document goes on to another thread and may be 64 MiB
  const stdoutSha256 = Buffer.from(await crypto.subtle.digest('SHA-256', Uint8Array.from(end.stdout))).toString('hex')
  return {
    exitCode,
    signal,
    killedBy,
    kind: cause?.kind ?? null,
    reason: cause?.reason ?? null,
    oomKilled,
    wallMs: Math.round(usage.wallMs),
    cpuNanos: usage.cpuNanos,
    peakMemoryBytes: usage.peakMemoryBytes,
    stdoutBytes: usage.stdoutBytes,
    stderrBytes: usage.stderrBytes,
    stdoutSha256,
    stdoutDroppedBytes,
    stderrSha256: stderr.sha256,
  }
}
