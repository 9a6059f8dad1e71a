import type { CellEvent } from '../../src/protocol/events.ts'
import { ByteStore } from './byte-store.ts'
import { Demux } from './demux.ts'
import { type CellLog, EventLines, type StderrSummary } from './event-lines.ts'
import { type CellCause, limitCause, overflowMessage } from './exit.ts'
import type { SandboxPolicy } from './policy.ts'

export interface CellOutputOptions {
  readonly policy: SandboxPolicy
  readonly onEvent: (event: CellEvent) => void
  readonly onLog?: ((entry: CellLog) => void) | undefined
  /** Called when a stream must not be read any further. */
  readonly onCutOff: (cause: CellCause) => void
  /** The first byte on stdout. */
  readonly onAnswer: () => void
}

export interface CellOutputResult {
  readonly stdout: Uint8Array
  readonly stdoutDroppedBytes: number
  readonly stderr: StderrSummary
  readonly logs: readonly CellLog[]
  readonly bytes: { readonly stdoutBytes: number; readonly stderrBytes: number }
}

/** The reading side of a cell's connection: one document, and events; both within the caps of the policy. */
export class CellOutput {
  readonly #stdout: ByteStore
  readonly #events: EventLines
  readonly #demux: Demux
  readonly #onCutOff: (cause: CellCause) => void

  constructor({ policy, onEvent, onLog, onCutOff, onAnswer }: CellOutputOptions) {
    this.#onCutOff = onCutOff
    this.#stdout = new ByteStore(policy.stdoutBytes)
    this.#events = new EventLines({
      lineBytes: policy.lineBytes,
      logBytes: policy.logBytes,
      checkpointBytes: policy.checkpointBytes,
      onOverflow: (what) => onCutOff(limitCause('output', overflowMessage(what, policy))),
      now: Date.now,
      onEvent,
      onLog,
      onFlood: (lines) => onCutOff(limitCause('output', `The cell wrote ${lines} lines to stderr that are not events`)),
    })
    this.#demux = new Demux({
      stdoutBytes: policy.stdoutBytes,
      // The lines say which cap it is; this one holds before a line is whole
      stderrBytes: policy.logBytes + policy.checkpointBytes + policy.lineBytes,
      onStdout: (bytes) => {
        if (this.#stdout.length === 0) onAnswer()
        this.#stdout.append(bytes)
      },
      onStderr: (bytes) => this.#events.push(bytes),
      onOverflow: (stream) => onCutOff(limitCause('output', overflowMessage(stream, policy))),
    })
  }

  push(chunk: Uint8Array): void {
    try {
      this.#demux.push(chunk)
    } catch (error) {
      this.#onCutOff({ kind: 'platform_error', reason: 'infra', message: (error as Error).message })
    }
  }

  /** No more will come. Answers with what was lost, null: nothing. */
  end(): string | null {
    this.#events.end()
    try {
      this.#demux.end()
      return null
    } catch (error) {
      return (error as Error).message
    }
  }

  read(): CellOutputResult {
    return {
      stdout: this.#stdout.view(),
      stdoutDroppedBytes: this.#demux.stdout.droppedBytes,
      stderr: this.#events.summary(),
      logs: this.#events.logs,
      bytes: { stdoutBytes: this.#demux.stdout.bytes, stderrBytes: this.#demux.stderr.bytes },
    }
  }
}
