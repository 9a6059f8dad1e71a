import type { CellEvent } from '../../../src/protocol/events.ts'
import type { WaitingCell } from '../cell-handle.ts'
import type { CellLog } from '../event-lines.ts'
import type { SandboxPolicy } from '../policy.ts'
import { type ArrivalRate, createArrivalRate } from './pool-size.ts'

export interface CellListeners {
  readonly onEvent: (event: CellEvent) => void
  readonly onLog?: ((entry: CellLog) => void) | undefined
}

/** Passes on to a job what its cell says; what is said before there is one goes nowhere. */
export interface Relay extends Required<CellListeners> {
  to: CellListeners | null
}

export function createRelay(): Relay {
  const relay: Relay = {
    to: null,
    onEvent: (event) => relay.to?.onEvent(event),
    onLog: (entry) => relay.to?.onLog?.(entry),
  }
  return relay
}

export interface IdleCell {
  readonly cell: WaitingCell
  readonly relay: Relay
  readonly since: number
}

/** The cells that wait under one policy and image, oldest first. */
export interface Shelf {
  readonly policy: SandboxPolicy
  readonly image: string
  /** Kept although nobody asks. */
  readonly kept: boolean
  readonly idle: IdleCell[]
  readonly rate: ArrivalRate
  /** When a job last asked; -Infinity: none has. */
  askedAt: number
}

export function createShelf(policy: SandboxPolicy, image: string, kept: boolean): Shelf {
  return { policy, image, kept, idle: [], rate: createArrivalRate(), askedAt: -Infinity }
}
