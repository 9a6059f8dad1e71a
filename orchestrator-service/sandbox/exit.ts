import { constants } from 'node:os'
import type { OutcomeKind } from '../../src/protocol/outcome.ts'
import type { CellEvent } from '../../src/protocol/events.ts'
import type { SandboxPolicy } from './policy.ts'
import type { CellLog, StderrSummary } from './event-lines.ts'

/** Why a cell ended, in the words of an outcome. */
export interface CellCause {
  readonly kind: OutcomeKind
  readonly reason: string | null
  readonly message: string
}

export interface CellUsage {
  readonly wallMs: number
  /** From the engine's counters, sampled while the cell ran; null when it ended before the first sample. */
  readonly cpuNanos: number | null
  readonly peakMemoryBytes: number | null
  readonly stdoutBytes: number
  readonly stderrBytes: number
}

/** What a cell was and how it ended. Evidence first: `mapExit` says what it means. */
export interface CellEnd {
  /** Decided by the host while the cell ran, first cause wins; null: the cell ended by itself (see mapExit). */
  readonly cause: CellCause | null
  readonly killedBy: 'host' | 'kernel' | null
  readonly exitCode: number | null
  readonly signal: string | null
  readonly oomKilled: boolean
  /** The document, or what there is of it; never more than the cap. */
  readonly stdout: Uint8Array
  readonly stdoutDroppedBytes: number
  readonly stderr: StderrSummary
  readonly logs: readonly CellLog[]
  /** Latest bar time that any event named; a claim of the cell. */
  readonly lastBarTime: number | null
  readonly usage: CellUsage
  /** As the engine says it applied them. */
  readonly limits: Readonly<Record<string, unknown>>
  readonly engine: EngineSeen
}

/**
 * What became of the connection to the engine while the cell ran. lost: the engine was away, as it is when it restarts.
 * detached: that too, and the cell, which has all of its input, was left as it is for somebody who adopts it.
 */
export type EngineSeen = 'kept' | 'lost' | 'detached'

/** The same when everything is over. */
export interface CellExit extends CellEnd {
  /** False: the engine did not remove the container in time; reconcile will. */
  readonly removed: boolean
  /** What the kernel says of it then. */
  readonly remains: Remains
}

/**
 * The processes of a cell after its removal. gone: its cgroup does not exist any more; empty: it does, without a process;
 * busy: something lives in it; unknown: the engine's machine is another one.
 */
export interface Remains {
  readonly cgroup: 'gone' | 'empty' | 'busy' | 'unknown'
  /** From the kill, or from the end that the host saw, to this look. */
  readonly afterMs: number
}

/** Of SIGKILL: by the kernel out of memory, by the host, or by whoever else may, as an engine that shuts down. */
const KILLED_EXIT = 137
/** What the engine reports when it did not learn how a process ended; a program can choose it too, which costs a look. */
export const UNKNOWN_EXIT = 255
const SEGV_EXIT = 139
/** How abort() ends: PID 1 of Linux ignores its own SIGABRT and dies of the trap behind it; under gVisor the signal counts. */
const CRASH_EXITS = [SEGV_EXIT, 134]
const SIGSYS_EXIT = 159

/**
 * What an end means, before the document on stdout is looked at. null: exit 0 without a cause of the host; the document
 * decides. OOM only as: OOMKilled and 137 and no kill of our own (a killed child also sets OOMKilled, with exit 0).
 */
export function mapExit(exit: Pick<CellExit, 'cause' | 'killedBy' | 'exitCode' | 'oomKilled'>): CellCause | null {
  if (exit.cause !== null) return exit.cause
  if (exit.exitCode === null) {
    return { kind: 'platform_error', reason: 'infra', message: 'The engine did not say how the cell ended' }
  }
  if (exit.oomKilled && exit.exitCode === KILLED_EXIT && exit.killedBy !== 'host') {
    return {
      kind: 'limit_exceeded',
      reason: 'memory',
      message: 'The cell needed more memory than its limit; the kernel killed it',
    }
  }
  if (exit.exitCode === KILLED_EXIT) {
    // No process in a cell can send this signal to its first one
    return { kind: 'platform_error', reason: 'infra', message: 'The cell was killed from outside' }
  }
  if (CRASH_EXITS.includes(exit.exitCode)) {
    const message = `The program in the cell crashed (exit ${exit.exitCode})`
    return { kind: 'strategy_error', reason: 'crashed', message }
  }
  if (exit.exitCode === SIGSYS_EXIT) {
    return {
      kind: 'strategy_error',
      reason: 'forbidden_syscall',
      message: 'The cell made a forbidden system call (exit 159)',
    }
  }
  if (exit.exitCode !== 0) {
    return {
      kind: 'platform_error',
      reason: 'protocol',
      message: `The cell ended with exit code ${exit.exitCode} without a result`,
    }
  }
  return null
}

/** Ends that say more of the cell than that its engine was away. */
const OWN_ENDS: readonly CellCause['kind'][] = ['limit_exceeded', 'strategy_error', 'cancelled']

/** What the end means of a cell whose engine was away meanwhile: nothing that it did not do counts against it. */
export function causeWithout(cause: CellCause | null): CellCause {
  if (cause !== null && OWN_ENDS.includes(cause.kind)) return cause
  return { kind: 'platform_error', reason: 'infra', message: 'The engine was restarted, or away, while the cell ran' }
}

/** What a `fatal` event of the runner means. */
export function mapFatal(event: Extract<CellEvent, { type: 'fatal' }>): CellCause {
  const message = event.message.slice(0, 4096)
  switch (event.kind) {
    case 'heap':
      return { kind: 'limit_exceeded', reason: 'memory', message }
    case 'bar_time':
      return { kind: 'limit_exceeded', reason: 'bar_time', message }
    case 'load_time':
      return { kind: 'strategy_error', reason: 'load_timeout', message }
    case 'internal':
      return { kind: 'platform_error', reason: 'invariant', message }
  }
}

/**
 * Who ended the cell: a kill of our own that reached it, the kernel by a signal, or nobody but itself (null). An end that
 * the engine did not learn (255) is ours when we had killed: what was left then is ended by the host (survivors.ts).
 */
export function whoKilled(exitCode: number | null, oomKilled: boolean, ownKill: boolean): 'host' | 'kernel' | null {
  if (ownKill && (exitCode === null || exitCode === KILLED_EXIT || exitCode === UNKNOWN_EXIT)) return 'host'
  if (exitCode === SIGSYS_EXIT || exitCode === SEGV_EXIT) return 'kernel'
  return oomKilled && exitCode === KILLED_EXIT ? 'kernel' : null
}

/** SIGKILL of 137 and so on; a program can also choose such a number itself. */
export function signalOf(exitCode: number | null): string | null {
  if (exitCode === null || exitCode <= 128) return null
  for (const [name, number] of Object.entries(constants.signals)) if (number === exitCode - 128) return name
  return null
}

export function limitCause(reason: string, message: string): CellCause {
  return { kind: 'limit_exceeded', reason, message }
}

/** What the kernel's quota lets pass before its periods of 100 ms, so that a run which keeps its cores busy meets its wall time first. */
const QUOTA_SLACK_MS = 250

/** CPU time is capped at wall time x cores; the quota keeps it already, this stands behind the quota. */
export function cpuCause(policy: SandboxPolicy, cpuNanos: number | null): CellCause | null {
  const { wallTimeMs, cores } = policy
  if ((cpuNanos ?? 0) <= (wallTimeMs + QUOTA_SLACK_MS) * 1e6 * cores) return null
  return limitCause('cpu', `The run used more CPU time than ${wallTimeMs} ms on ${cores} core(s)`)
}

/** The runner stays far below the pids limit: who meets it starts threads without end. */
export function pidsCause(policy: SandboxPolicy, pidsRefused: number): CellCause | null {
  return pidsRefused > 0 ? limitCause('pids', `The cell asked for more than ${policy.pids} threads`) : null
}

/** Which cap was passed, for the message. */
export function overflowMessage(stream: 'stdout' | 'stderr' | 'checkpoints', policy: SandboxPolicy): string {
  if (stream === 'checkpoints') return `The cell wrote more than ${policy.checkpointBytes} bytes of checkpoints`
  const cap = stream === 'stdout' ? policy.stdoutBytes : policy.logBytes
  return `The cell wrote more than ${cap} bytes to ${stream}`
}
