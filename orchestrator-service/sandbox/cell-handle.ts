import type { Attestation } from '../../src/protocol/events.ts'
import type { CellCause, CellEnd, CellExit } from './exit.ts'

/** A started, sealed container that serves one job. */
export interface Cell {
  readonly id: string
  readonly name: string
  readonly containerId: string
  /** Resolves when the cell's attestation equals the policy; rejects (the cell is being killed) when not. */
  readonly attested: Promise<Attestation>
  send(chunks: Iterable<Uint8Array>): Promise<void>
  /** True: the cell has all of its input, or will have it whatever becomes of the host. */
  endInput(): Promise<boolean>
  kill(cause: CellCause): void
  /** Gives the container another name. @throws EngineError 409 when somebody has it */
  rename(name: string): Promise<void>
  /** Stops watching and leaves the container as it is, for somebody who adopts it; `finished` resolves with `removed: false`. */
  release(): void
  /** Where the cell ends by itself its container stays until this settles, and what it has answered can be read from there. */
  keep(until: Promise<void>): void
  /** How it ended, as soon as that is known: the container is removed after that. */
  readonly ended: Promise<CellEnd>
  /** Resolves when the container is gone too. */
  readonly finished: Promise<CellExit>
}

/** One that is started and waits for its job. */
export interface WaitingCell extends Cell {
  /** Whether it runs, as far as its stream says; a cell that ends shows it there at once. */
  readonly isOpen: boolean
  /**
   * Its job begins: wall time, silence and CPU time count from now on. Once, and before the first byte is sent.
   * @throws invariant when a job has had this cell
   */
  begin(): void
}
