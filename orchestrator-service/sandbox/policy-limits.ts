import { cellUlimits, cpuQuotaMicros, tmpfsSetting } from './container-spec.ts'
import type { SandboxPolicy } from './policy.ts'

/** What a cell of this policy may use, as results and jobs show it; what the engine set is compared with the same values. */
export function policyLimits(policy: SandboxPolicy): Record<string, unknown> {
  return {
    policy: policy.name,
    policyHash: policy.hash,
    runtime: policy.runtime,
    memoryBytes: policy.memoryBytes,
    memorySwapBytes: policy.memoryBytes,
    cpuQuotaMicros: cpuQuotaMicros(policy),
    cpuPeriodMicros: policy.cpuPeriodMicros,
    pids: policy.pids,
    tmpfs: tmpfsSetting(policy),
    ulimits: cellUlimits(policy),
    network: policy.network,
    readonlyRoot: true,
    lookAheadProof: policy.lookAheadProof,
    wallTimeMs: policy.wallTimeMs,
    barTimeMs: policy.barTimeMs,
    noEventTimeMs: policy.noEventTimeMs,
    loadTimeMs: policy.loadTimeMs,
    cpuTimeMs: policy.wallTimeMs * policy.cores,
    stdoutBytes: policy.stdoutBytes,
    logBytes: policy.logBytes,
    checkpointBytes: policy.checkpointBytes,
    lineBytes: policy.lineBytes,
  }
}
