import { finished } from 'node:stream/promises'
import type { Attestation, CellEvent } from '../../src/protocol/events.ts'
import { compareAttestation } from './attestation-check.ts'
import { readEnd } from './cell-end.ts'
import { CellOutput } from './cell-output.ts'
import type { EngineClient } from './docker-client.ts'
import { killContainer, readContainerLogs } from './engine-calls.ts'
import type { CellLog } from './event-lines.ts'
import { type CellCause, type CellEnd, limitCause, mapExit, mapFatal, signalOf, whoKilled } from './exit.ts'
import { watchExit } from './exit-watch.ts'
import type { SandboxPolicy } from './policy.ts'

/**
 * Theory of operation. A cell whose host went away after its input was complete ends by itself. Who takes it over cannot
 * attach again: an attached stream that starts late comes out short. So the exit is waited for, and only then the engine's
 * log is read whole, without `follow`: it is byte-identical to what the cell wrote (but for a line feed at its end), and
 * goes through the same caps, gates and checks as a live stream. Until the exit the host keeps what it can without the
 * stream: the wall time, of which the cell gets the rest, and a cancel.
 */
export interface AdoptCellOptions {
  readonly containerId: string
  readonly policy: SandboxPolicy
  /** ms on the host's clock; the wall time ends then. */
  readonly deadline: number
  /** When the cell was started, ms. */
  readonly startedAt: number
  readonly signal: AbortSignal
  readonly onEvent: (event: CellEvent) => void
  readonly onLog: (entry: CellLog) => void
}

export interface AdoptedEnd extends CellEnd {
  readonly attestation: Attestation | null
}

const GIVE_UP_MS = 5000
const READ_MS = 120_000
const KILL_ATTEMPTS = 3

/** Waits for the end of a cell that this process did not start, and reads what it wrote. The container stays. @throws engine_unavailable, engine_timeout */
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
  const cause = mapExit({ cause: reading.cause(), killedBy, ...end }) ?? reading.unattested()
  return {
    cause,
    killedBy,
    ...end,
    signal: signalOf(end.exitCode),
    ...output,
    lastBarTime: reading.lastBarTime(),
    usage: { wallMs: Math.max(0, Date.now() - options.startedAt), cpuNanos: null, peakMemoryBytes: null, ...bytes },
    limits: { policy: policy.name, policyHash: policy.hash, wallTimeMs: policy.wallTimeMs },
    attestation: reading.attestation(),
  }
}

const infra = (message: string): CellCause => ({ kind: 'platform_error', reason: 'infra', message })

/** Ends the cell at its deadline or at the abort; the first cause wins. `ended` false: the engine did not say in time. */
async function awaitEnd(
  engine: EngineClient,
  { containerId, policy, deadline, signal }: AdoptCellOptions,
): Promise<{ ended: boolean; cause: CellCause | null }> {
  const watch = await watchExit(engine, containerId, 2 * engine.callTimeMs + GIVE_UP_MS, 'not-running')
  const stopped: { cause: CellCause | null; killing: Promise<void> } = { cause: null, killing: Promise.resolve() }
  const stop = (cause: CellCause): void => {
    if (stopped.cause !== null) return
    stopped.cause = cause
    stopped.killing = killAdopted(engine, containerId).then((reached) => {
      // It had ended by itself before
      if (!reached) stopped.cause = null
      watch.expectEnd()
    })
  }
  const late = limitCause('wall_time', `The run took longer than ${policy.wallTimeMs} ms`)
  const timer = setTimeout(() => stop(late), Math.min(Math.max(0, deadline - Date.now()), policy.wallTimeMs))
  const abort = (): void => {
    if (signal.reason === RELEASE) watch.stop()
    else stop({ kind: 'cancelled', reason: null, message: 'Cancelled' })
  }
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    const ended = await watch.ended
    await stopped.killing
    return { ended, cause: stopped.cause }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

/** Reason of an abort that leaves the cell running, for the next host. */
export const RELEASE = Symbol('release')

async function killAdopted(engine: EngineClient, containerId: string): Promise<boolean> {
  for (let attempt = 1; attempt < KILL_ATTEMPTS; attempt += 1) {
    try {
      return await killContainer(engine, containerId)
    } catch {
      // The engine hangs or is away: the exit watch gives up in bounded time
    }
  }
  return true
}

type Reading = ReturnType<typeof createReading>

/** The output of the cell with what its events say; the same checks as while it was live. */
function createReading({ policy, onEvent, onLog }: AdoptCellOptions, stopped: CellCause | null) {
  let cause = stopped
  let attestation: Attestation | null = null
  let seen = false
  let lastBarTime: number | null = null
  let cutOff: (() => void) | null = null
  const fail = (why: CellCause): void => void (cause ??= why)
  const refuse = (reason: string, message: string): void => fail({ kind: 'platform_error', reason, message })
  const takeAttestation = (event: CellEvent): void => {
    if (seen) return refuse('protocol', 'The cell attested twice')
    seen = true
    if (event.type !== 'attestation')
      return refuse('attestation', `The first event is "${event.type}", expected an attestation`)
    const differences = compareAttestation(policy, event.attestation).map((text) => text.slice(0, 300))
    if (differences.length === 0) attestation = event.attestation
    else refuse('attestation', `The cell is not what the policy "${policy.name}" says: ${differences[0]}`)
  }
  const noteTime = (time: number | null): void => {
    if (time !== null && Number.isFinite(time)) lastBarTime = Math.max(lastBarTime ?? time, time)
  }
  const output = new CellOutput({
    policy,
    onEvent(event) {
      if (!seen || event.type === 'attestation') takeAttestation(event)
      if (event.type === 'progress' || event.type === 'fatal') noteTime(event.barTime)
      if (event.type === 'log') noteTime(event.time)
      if (event.type === 'fatal') fail(mapFatal(event))
      onEvent(event)
    },
    onLog,
    onCutOff(why) {
      fail(why)
      cutOff?.()
    },
    onAnswer: () => {},
  })
  return {
    output,
    fail,
    cause: () => cause,
    attestation: () => attestation,
    lastBarTime: () => lastBarTime,
    onCutOff: (run: () => void) => void (cutOff = run),
    unattested: (): CellCause | null =>
      seen ? null : { kind: 'platform_error', reason: 'attestation', message: 'The cell ended before it attested' },
  }
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
