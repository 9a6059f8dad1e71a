import type { Socket } from 'node:net'
import { PlatformError } from '../../src/errors.ts'
import type { Attestation, CellEvent } from '../../src/protocol/events.ts'
import { type CellClocks, createCellClocks } from './cell-clocks.ts'
import type { WaitingCell } from './cell-handle.ts'
import type { CellParts } from './cell-parts.ts'
import { compareAttestation } from './attestation-check.ts'
import { readEnd, removeCell, UNKNOWN_END } from './cell-end.ts'
import { type CellInput, createCellInput } from './cell-input.ts'
import { CellOutput } from './cell-output.ts'
import { killContainer, renameContainer } from './engine-calls.ts'
import {
  type CellCause,
  type CellEnd,
  type CellExit,
  cpuCause,
  limitCause,
  mapExit,
  mapFatal,
  pidsCause,
  signalOf,
  whoKilled,
} from './exit.ts'
import { startUsageSampler, type UsageSampler, type UsageSamples } from './usage-sampler.ts'
import { withinMs } from './within.ts'

/** After the exit the engine needs a moment to hand over the last output. */
const DRAIN_MS = 10_000
/** The engine keeps the stream open while the cell runs, whatever the cell closes: a closed one means a lost engine. */
const SILENT_MS = 5000
const STALL_MS = 60_000
const KILL_ATTEMPTS = 3

/**
 * Theory of operation. A Cell owns one started container until it is removed. Three things are watched at once: the
 * attached stream (always drained; sinks are capped), the exit (exit-watch), and clocks on the host. The end is the
 * stream's end AND the exit; each is waited for in bounded time after the other.
 *
 * Whatever ends the cell from outside goes through `#stop(cause)`: the first cause is recorded, then SIGKILL is sent, so
 * that an exit code 137 is never mistaken for the kernel's OOM kill. A cell that floods a stream is cut off first
 * (socket destroyed), because the engine blocks in kill, inspect and remove while an attached stream is not read.
 * `finished` never rejects; whatever the engine does, it resolves in bounded time and says whether the container is gone.
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
  readonly #attested = Promise.withResolvers<Attestation>()
  readonly #ended = Promise.withResolvers<CellEnd>()
  readonly #streamClosed = Promise.withResolvers<void>()
  readonly #clocks: CellClocks
  #begun = false
  #sawAttestation = false
  #cause: CellCause | null = null
  #stopping: Promise<void> | null = null
  #ownKill = false
  #exited = false
  #released = false
  #lastBarTime: number | null = null

  constructor(parts: CellParts) {
    const { policy, socket } = parts
    this.#parts = parts
    this.id = parts.id
    this.name = parts.name
    this.containerId = parts.containerId
    this.#output = new CellOutput({
      policy,
      onEvent: (event) => this.#onEvent(event),
      onLog: parts.onLog,
      onCutOff: (cause) => this.#cutOff(cause),
      onAnswer: () => this.#sampler.sampleNow(),
    })
    this.#input = createCellInput({
      socket,
      stallMs: Math.min(STALL_MS, policy.noEventTimeMs),
      onStall: () => this.#stop(limitCause('no_event', 'The cell did not read its input')),
    })
    this.attested = this.#attested.promise
    this.ended = this.#ended.promise
    this.attested.catch(() => {})
    this.#sampler = startUsageSampler(parts.engine, parts.containerId, (usage) => this.#onUsage(usage))
    this.#clocks = createCellClocks(policy, {
      onLimit: (cause) => this.#stop(cause),
      onBootTime: () => {
        if (!this.#sawAttestation) this.#refuse(['no attestation within the boot time'])
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

  endInput(): Promise<boolean> {
    return this.#input.end()
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

  #onEvent(event: CellEvent): void {
    this.#clocks.heard()
    if (!this.#sawAttestation || event.type === 'attestation') {
      this.#onAttestation(event)
      if (event.type !== 'attestation') return
    }
    if (event.type === 'progress' || event.type === 'fatal') this.#noteBarTime(event.barTime)
    if (event.type === 'log') this.#noteBarTime(event.time)
    if (event.type === 'fatal') this.#stop(mapFatal(event))
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

  #onAttestation(event: CellEvent): void {
    if (this.#sawAttestation) {
      this.#stop({ kind: 'platform_error', reason: 'protocol', message: 'The cell attested twice' })
      return
    }
    this.#sawAttestation = true
    if (event.type !== 'attestation') {
      this.#refuse([`the first event is "${event.type}", expected an attestation`])
      return
    }
    const differences = compareAttestation(this.#parts.policy, event.attestation)
    if (differences.length > 0) this.#refuse(differences)
    else this.#attested.resolve(event.attestation)
  }

  #refuse(differences: string[]): void {
    // The texts are the cell's own.
    const shown = differences.slice(0, 20).map((difference) => difference.slice(0, 300))
    const message = `The cell is not what the policy "${this.#parts.policy.name}" says: ${shown.join('; ')}`
    this.#attested.reject(new PlatformError('protocol', message, { details: { differences: shown } }))
    this.#stop({ kind: 'platform_error', reason: 'attestation', message })
  }

  #noteBarTime(time: number | null): void {
    if (time !== null && Number.isFinite(time)) this.#lastBarTime = Math.max(this.#lastBarTime ?? time, time)
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
    exitWatch.expectEnd()
    for (let attempt = 1; attempt <= KILL_ATTEMPTS && !this.#exited; attempt += 1) {
      try {
        this.#ownKill = await killContainer(engine, containerId)
        return
      } catch {
        // The engine hangs or is away: try again; exit-watch gives up in bounded time.
      }
    }
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
    const ended = await exitWatch.ended
    this.#exited = true
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
    const { engine, containerId, limits } = this.#parts
    this.#closeStreams(ended, drained)
    const end = this.#released ? UNKNOWN_END : await readEnd(engine, containerId)
    const killedBy = whoKilled(end.exitCode, end.oomKilled, this.#ownKill)
    const cause = mapExit({ cause: this.#cause, killedBy, ...end }) ?? this.#unattested()
    // Without effect when the cell has attested.
    this.#attested.reject(new PlatformError('protocol', cause?.message ?? 'The cell ended before it attested'))
    const { cpuNanos, peakMemoryBytes } = this.#sampler.read()
    const { bytes, ...output } = this.#output.read()
    const cellEnd: CellEnd = {
      cause,
      killedBy,
      ...end,
      signal: signalOf(end.exitCode),
      ...output,
      lastBarTime: this.#lastBarTime,
      usage: { wallMs, cpuNanos, peakMemoryBytes, ...bytes },
      limits,
    }
    this.#ended.resolve(cellEnd)
    return { ...cellEnd, removed: !this.#released && (await removeCell(engine, containerId)) }
  }

  /** A document of a cell that never said what it is does not count. */
  #unattested(): CellCause | null {
    if (this.#sawAttestation) return null
    return { kind: 'platform_error', reason: 'attestation', message: 'The cell ended before it attested' }
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
