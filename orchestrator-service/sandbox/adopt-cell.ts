import { finished } from 'node:stream/promises'
import type { Attestation, CellEvent } from '../../src/protocol/events.ts'
import { type CellClocks, createCellClocks } from './cell-clocks.ts'
import { readEnd } from './cell-end.ts'
import { CellOutput } from './cell-output.ts'
import type { EngineClient } from './docker-client.ts'
import { readContainerLogs } from './engine-calls.ts'
import { createEventGate } from './event-gate.ts'
import type { CellLog } from './event-lines.ts'
import {
  type CellCause,
  type CellEnd,
  cpuCause,
  mapExit,
  pidsCause,
  type Remains,
  signalOf,
  whoKilled,
} from './exit.ts'
import { watchExit } from './exit-watch.ts'
import { followEvents } from './follow-events.ts'
import { killCell } from './kill-cell.ts'
import type { SandboxPolicy } from './policy.ts'
import { policyLimits } from './policy-limits.ts'
import { startUsageSampler, type UsageSampler } from './usage-sampler.ts'

/**
 * Theory of operation. A cell whose host went away after its input was complete ends by itself. Who takes it over cannot
 * attach again: an attached stream that starts late comes out short. So the exit is waited for, and only then the engine's
 * log is read whole, without `follow`: it is byte-identical to what the cell wrote (but for a line feed at its end), and
 * goes through the same caps, gates and checks as a live stream. Until the exit the limits are those of every cell: the wall
 * time, of which it gets the rest, CPU time and threads by the kernel's counters, and silence by what the log shows live,
 * which is good for nothing else but progress.
 */
export interface AdoptCellOptions {
  readonly containerId: string
  readonly policy: SandboxPolicy
  /** ms on the host's clock; the wall time ends then. */
  readonly deadline: number
  /** When the cell was started, ms. */
  readonly startedAt: number
  readonly signal: AbortSignal
  /** Each event of the whole output, once it is read. */
  readonly onEvent: (event: CellEvent) => void
  /** How far it is, while it runs; some may be missing. */
  readonly onProgress: (event: CellEvent & { type: 'progress' }) => void
  readonly onLog: (entry: CellLog) => void
}

export interface AdoptedEnd extends CellEnd {
  readonly attestation: Attestation | null
  /** Whether it has worked on candles: only then it surely had all of its input. */
  readonly hasWorked: boolean
  /** To be asked after its removal. */
  readonly remains: () => Remains
}

const GIVE_UP_MS = 5000
const READ_MS = 120_000

/** Waits for the end of a cell that this process does not hold any more, and reads what it wrote. The container stays. @throws engine_unavailable, engine_timeout */
export async function adoptCell(engine: EngineClient, options: AdoptCellOptions): Promise<AdoptedEnd> {
  const { containerId, policy } = options
  const stop = await awaitEnd(engine, options)
  const reading = createReading(options, stop.cause)
  if (stop.ended) await readOutput(engine, containerId, reading)
  const lost = reading.output.end()
  if (!stop.ended) reading.fail(infra('The engine did not say in time that the cell ended'))
  else if (lost !== null) reading.fail(infra(lost))
  const end = await readEnd(engine, containerId)
  const killedBy = whoKilled(end.exitCode, end.oomKilled, stop.cause !== null)
  const { bytes, ...output } = reading.output.read()
  const { gate } = reading
  const cause = mapExit({ cause: reading.cause(), killedBy, ...end }) ?? gate.unattested()
  gate.close(cause)
  const { cpuNanos, peakMemoryBytes } = stop.sampler.read()
  return {
    cause,
    killedBy,
    ...end,
    signal: signalOf(end.exitCode),
    ...output,
    lastBarTime: gate.lastBarTime,
    usage: { wallMs: Math.max(0, Date.now() - options.startedAt), cpuNanos, peakMemoryBytes, ...bytes },
    limits: policyLimits(policy),
    engine: 'kept',
    attestation: await gate.attested.catch(() => null),
    hasWorked: gate.hasWorked,
    remains: () => ({ cgroup: stop.sampler.remains(), afterMs: Math.round(performance.now() - stop.at) }),
  }
}

const infra = (message: string): CellCause => ({ kind: 'platform_error', reason: 'infra', message })

interface Stopped {
  /** False: the engine did not say in time. */
  readonly ended: boolean
  readonly cause: CellCause | null
  readonly sampler: UsageSampler
  /** When it was killed, or had ended; of the host's stopwatch. */
  readonly at: number
}

/** Ends the cell at a limit or at the abort; the first cause wins. */
async function awaitEnd(engine: EngineClient, options: AdoptCellOptions): Promise<Stopped> {
  const { containerId, policy, deadline, signal } = options
  const watch = await watchExit(engine, containerId, 2 * engine.callTimeMs + GIVE_UP_MS, 'not-running')
  const state = { cause: null as CellCause | null, killing: Promise.resolve(), at: 0, over: false }
  const stop = (cause: CellCause): void => {
    if (state.cause !== null || state.over) return
    state.cause = cause
    state.at = performance.now()
    watch.expectEnd()
    state.killing = killCell(engine, containerId, () => state.over).then((reached) => {
      // It had ended by itself before
      if (reached === false) state.cause = null
    })
  }
  const clocks = createCellClocks(policy, { onLimit: stop, onBootTime: () => {} })
  const sampler = startUsageSampler(engine, containerId, (usage) => {
    const cause = cpuCause(policy, usage.cpuNanos) ?? pidsCause(policy, usage.pidsRefused)
    if (cause !== null) stop(cause)
  })
  const follower = followAdopted(engine, options, clocks)
  const abort = (): void => {
    if (signal.reason === RELEASE) watch.stop()
    else stop({ kind: 'cancelled', reason: null, message: 'Cancelled' })
  }
  const left = Math.min(Math.max(0, deadline - Date.now()), policy.wallTimeMs)
  sampler.begin()
  clocks.begin(left)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    const ended = await watch.ended
    state.over = true
    await state.killing
    return { ended, cause: state.cause, sampler, at: state.cause === null ? performance.now() : state.at }
  } finally {
    clocks.stop()
    sampler.stop()
    follower.stop()
    signal.removeEventListener('abort', abort)
  }
}

function followAdopted(engine: EngineClient, options: AdoptCellOptions, clocks: CellClocks): { stop(): void } {
  return followEvents(engine, options, {
    onHeard: () => clocks.heard(),
    onEvent(event) {
      if (event.type === 'progress') options.onProgress(event)
    },
  })
}

/** Reason of an abort that leaves the cell running, for the next host. */
export const RELEASE = Symbol('release')

type Reading = ReturnType<typeof createReading>

/** The output of the cell with what its events say; the same checks as while it was live. */
function createReading({ policy, onEvent, onLog }: AdoptCellOptions, stopped: CellCause | null) {
  let cause = stopped
  let cutOff: (() => void) | null = null
  const fail = (why: CellCause): void => void (cause ??= why)
  const gate = createEventGate({ policy, onEvent, onEnd: fail })
  const output = new CellOutput({
    policy,
    onEvent: (event) => gate.take(event),
    onLog,
    onCutOff(why) {
      fail(why)
      cutOff?.()
    },
    onAnswer: () => {},
  })
  return { output, gate, fail, cause: () => cause, onCutOff: (run: () => void) => void (cutOff = run) }
}

async function readOutput(engine: EngineClient, containerId: string, reading: Reading): Promise<void> {
  const stream = await readContainerLogs(engine, containerId)
  const timer = setTimeout(() => stream.destroy(new Error('not within the time')), READ_MS)
  reading.onCutOff(() => stream.destroy())
  stream.on('data', (chunk: Buffer) => reading.output.push(chunk))
  try {
    await finished(stream)
  } catch (error) {
    reading.fail(infra(`Cannot read the output of the cell: ${error instanceof Error ? error.message : String(error)}`))
  } finally {
    clearTimeout(timer)
  }
}
