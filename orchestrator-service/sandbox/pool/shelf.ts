import type { CellEvent } from '../../../src/protocol/events.ts'
import type { Cell, WaitingCell } from '../cell-handle.ts'
import type { CellLog } from '../event-lines.ts'
import type { SandboxPolicy } from '../policy.ts'
import { type ArrivalRate, createArrivalRate } from './pool-size.ts'

export interface CellListeners {
  readonly onEvent: (event: CellEvent) => void
  readonly onLog?: ((entry: CellLog) => void) | undefined
}

/** Passes on to a job what its cell says. Before there is one, only that the cell is not ready is of interest. */
export interface Relay extends Required<CellListeners> {
  to: CellListeners | null
}

export function createRelay(onUnready: (message: string) => void): Relay {
  const relay: Relay = {
    to: null,
    onEvent(event) {
      if (event.type !== 'unready') relay.to?.onEvent(event)
      else if (relay.to === null) onUnready(event.message)
    },
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

/** A cell is a job's from now on. */
export function give({ cell, relay }: IdleCell, listeners: CellListeners): Cell {
  relay.to = listeners
  cell.begin()
  return cell
}

export function createShelf(policy: SandboxPolicy, image: string, kept: boolean): Shelf {
  return { policy, image, kept, idle: [], rate: createArrivalRate(), askedAt: -Infinity }
}
