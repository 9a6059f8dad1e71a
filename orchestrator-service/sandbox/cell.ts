import type { Socket } from 'node:net'
import { PlatformError } from '../../src/errors.ts'
import type { Attestation, CellEvent } from '../../src/protocol/events.ts'
import { type CellClocks, createCellClocks } from './cell-clocks.ts'
import type { WaitingCell } from './cell-handle.ts'
import type { CellParts } from './cell-parts.ts'
import { readEnd, removeCell, UNKNOWN_END } from './cell-end.ts'
import { type CellInput, createCellInput } from './cell-input.ts'
import { CellOutput } from './cell-output.ts'
import { renameContainer } from './engine-calls.ts'
import { createEventGate, type EventGate } from './event-gate.ts'
import {
  type CellCause,
  type CellEnd,
  type CellExit,
  causeWithout,
  cpuCause,
  type EngineSeen,
  limitCause,
  mapExit,
  pidsCause,
  signalOf,
  whoKilled,
} from './exit.ts'
import { killCell } from './kill-cell.ts'
import { startUsageSampler, type UsageSampler, type UsageSamples } from './usage-sampler.ts'
import { withinMs } from './within.ts'

/** After the exit the engine needs a moment to hand over the last output. */
const DRAIN_MS = 10_000
/** The engine keeps the stream open while the cell runs, whatever the cell closes: a closed one means a lost engine. */
const SILENT_MS = 5000
const STALL_MS = 60_000
/** So long after the end of its input a cell has it, although nothing has shown it yet. */
const INPUT_MS = 1000

/**
 * Theory of operation. A Cell owns one started container until it is removed. Three things are watched at once: the
 * attached stream (always drained; sinks are capped), the exit (exit-watch), and clocks on the host. The end is the
 * stream's end AND the exit; each is waited for in bounded time after the other.
 *
 * Whatever ends the cell from outside goes through `#stop(cause)`: the first cause is recorded, then SIGKILL is sent, so
 * that an exit code 137 is never mistaken for the kernel's OOM kill. A cell that floods a stream is cut off first
 * (socket destroyed), because the engine blocks in kill, inspect and remove while an attached stream is not read.
 * `finished` never rejects; whatever the engine does, it resolves in bounded time (after what the container is kept for) and
 * says whether the container is gone.
 *
 * An engine that restarts breaks off the stream and the wait. Its cells may be killed with it or go on (live-restore). One
 * that has all of its input needs nobody: it is left alone, and its output is read later from the engine's log. Any other
 * is ended.
 */
export class RunningCell implements WaitingCell {
  readonly id: string
  readonly name: string
  readonly containerId: string
  readonly attested: Promise<Attestation>
  readonly ended: Promise<CellEnd>
  readonly finished: Promise<CellExit>
  readonly #parts: CellParts
  readonly #input: CellInput
  readonly #output: CellOutput
  readonly #sampler: UsageSampler
  readonly #gate: EventGate
  readonly #ended = Promise.withResolvers<CellEnd>()
  readonly #streamClosed = Promise.withResolvers<void>()
  readonly #clocks: CellClocks
  #begun = false
  #fedAt: number | null = null
  #engine: EngineSeen = 'kept'
  #cause: CellCause | null = null
  #stopping: Promise<void> | null = null
  #ownKill = false
  #killedAt: number | null = null
  #exited = false
  #released = false
  #kept: Promise<void> | null = null

  constructor(parts: CellParts) {
    const { policy, socket } = parts
    this.#parts = parts
    this.id = parts.id
    this.name = parts.name
    this.containerId = parts.containerId
    this.#gate = createEventGate({
      policy,
      onEvent: (event) => this.#pass(event),
      onEnd: (cause) => this.#stop(cause),
    })
    this.#output = new CellOutput({
      policy,
      onEvent: (event) => {
        this.#clocks.heard()
        this.#gate.take(event)
      },
      onLog: parts.onLog,
      onCutOff: (cause) => this.#cutOff(cause),
      onAnswer: () => this.#sampler.sampleNow(),
    })
    this.#input = createCellInput({
      socket,
      stallMs: Math.min(STALL_MS, policy.noEventTimeMs),
      onStall: () => this.#stop(limitCause('no_event', 'The cell did not read its input')),
    })
    this.attested = this.#gate.attested
    this.ended = this.#ended.promise
    this.#sampler = startUsageSampler(parts.engine, parts.containerId, (usage) => this.#onUsage(usage))
    this.#clocks = createCellClocks(policy, {
      onLimit: (cause) => this.#stop(cause),
      onBootTime: () => {
        if (!this.#gate.sawAttestation) this.#gate.refuse(['no attestation within the boot time'])
      },
    })
    this.#listen(socket)
    this.finished = this.#live()
  }

  get isOpen(): boolean {
    const { socket } = this.#parts
    return !this.#exited && this.#cause === null && !socket.destroyed && !socket.readableEnded
  }

  begin(): void {
    if (this.#begun) {
      const message = `Cannot give cell "${this.id}" to a job: it has had one, expected a fresh cell`
      throw new PlatformError('invariant', message)
    }
    this.#begun = true
    this.#sampler.begin()
    this.#clocks.begin()
  }

  send(chunks: Iterable<Uint8Array>): Promise<void> {
    return this.#input.send(chunks)
  }

  async endInput(): Promise<boolean> {
    const sent = await this.#input.end()
    if (sent) this.#fedAt = performance.now()
    return sent
  }

  /** Ends the cell; without effect when it has ended or is being ended already: the first cause wins. */
  kill(cause: CellCause): void {
    if (!this.#exited) this.#stop(cause)
  }

  rename(name: string): Promise<void> {
    return renameContainer(this.#parts.engine, this.containerId, name)
  }

  release(): void {
    if (this.#exited || this.#stopping !== null) return
    this.#released = true
    this.#cause ??= { kind: 'platform_error', reason: 'infra', message: 'The host let go of the cell' }
    this.#parts.exitWatch.stop()
  }

  keep(until: Promise<void>): void {
    this.#kept = until
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => this.#output.push(chunk))
    // A reset instead of an end is normal when the cell exits with input unread; what was sent has been read before.
    socket.on('error', () => {})
    // With input that the engine will not take any more, the connection ends but never closes.
    socket.on('end', () => this.#streamClosed.resolve())
    socket.on('close', () => this.#streamClosed.resolve())
    socket.resume()
  }

  #onUsage(usage: UsageSamples): void {
    const { policy } = this.#parts
    const cause = cpuCause(policy, usage.cpuNanos) ?? pidsCause(policy, usage.pidsRefused)
    if (cause !== null) this.#stop(cause)
  }

  #pass(event: CellEvent): void {
    try {
      this.#parts.onEvent(event)
    } catch (error) {
      this.#stop({
        kind: 'platform_error',
        reason: 'invariant',
        message: `The host failed at an event: ${String(error)}`,
      })
    }
  }

  /** The stream is not read any more, so it must be gone before the engine is asked to kill. */
  #cutOff(cause: CellCause): void {
    this.#cause ??= cause
    this.#parts.socket.destroy()
    this.#stop(cause)
  }

  #stop(cause: CellCause): void {
    this.#cause ??= cause
    this.#input.close()
    if (!this.#exited) this.#stopping ??= this.#sendKill()
  }

  async #sendKill(): Promise<void> {
    const { engine, containerId, exitWatch } = this.#parts
    this.#ownKill = true
    this.#killedAt = performance.now()
    exitWatch.expectEnd()
    this.#ownKill = (await killCell(engine, containerId, () => this.#exited)) !== false
  }

  /** The engine went away while the cell ran. */
  #onEngineLost(): void {
    this.#engine = 'lost'
    if (this.#exited || this.#stopping !== null) return
    const isFed = this.#fedAt !== null && (this.#gate.hasWorked || performance.now() - this.#fedAt > INPUT_MS)
    if (!isFed) {
      this.#stop(causeWithout(null))
      return
    }
    this.#engine = 'detached'
    this.release()
  }

  async #live(): Promise<CellExit> {
    const { exitWatch, socket } = this.#parts
    const silent = this.#streamClosed.promise.then(() => {
      exitWatch.expectEnd()
      this.#clocks.after(SILENT_MS, () => {
        this.kill({
          kind: 'platform_error',
          reason: 'infra',
          message: "The engine closed the cell's streams while it ran",
        })
      })
    })
    void Promise.all([exitWatch.engineLost, this.#streamClosed.promise]).then(() => this.#onEngineLost())
    const ended = await exitWatch.ended
    this.#exited = true
    this.#killedAt ??= performance.now()
    const wallMs = this.#clocks.wallMs()
    this.#input.close()
    this.#sampler.stop()
    this.#clocks.stop()
    const drained = this.#released || (await withinMs(silent, ended ? DRAIN_MS : 0))
    this.#clocks.stop()
    socket.destroy()
    await this.#stopping
    return this.#finish(ended, drained, wallMs)
  }

  async #finish(ended: boolean, drained: boolean, wallMs: number): Promise<CellExit> {
    const { engine, containerId, limits, exitWatch } = this.#parts
    this.#closeStreams(ended, drained)
    const seen = this.#released ? UNKNOWN_END : await readEnd(engine, containerId)
    // An engine on its way down tells of the end, and then answers no more
    const end = seen.exitCode === null && ended ? { ...seen, exitCode: exitWatch.exitCode } : seen
    const killedBy = whoKilled(end.exitCode, end.oomKilled, this.#ownKill)
    const said = mapExit({ cause: this.#cause, killedBy, ...end }) ?? this.#gate.unattested()
    const cause = this.#engine === 'kept' ? said : causeWithout(said)
    this.#gate.close(cause)
    const { cpuNanos, peakMemoryBytes } = this.#sampler.read()
    const { bytes, ...output } = this.#output.read()
    const cellEnd: CellEnd = {
      cause,
      killedBy,
      ...end,
      signal: signalOf(end.exitCode),
      ...output,
      lastBarTime: this.#gate.lastBarTime,
      usage: { wallMs, cpuNanos, peakMemoryBytes, ...bytes },
      limits,
      engine: this.#engine,
    }
    this.#ended.resolve(cellEnd)
    if (cause === null) await this.#kept
    const removed = !this.#released && (await removeCell(engine, containerId))
    const afterMs = Math.round(performance.now() - this.#killedAt!)
    return { ...cellEnd, removed, remains: { cgroup: this.#sampler.remains(), afterMs } }
  }

  /** Lost output is never silent: it becomes a cause unless there is an earlier one. */
  #closeStreams(ended: boolean, drained: boolean): void {
    const infra = (message: string) => (this.#cause ??= { kind: 'platform_error', reason: 'infra', message })
    if (!ended) infra('The engine did not say in time that the cell ended')
    else if (!drained) infra('The output of the cell did not end in time')
    const lost = this.#output.end()
    if (lost !== null) infra(lost)
  }
}
