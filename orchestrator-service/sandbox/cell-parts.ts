import type { Socket } from 'node:net'
import type { CellEvent } from '../../src/protocol/events.ts'
import type { EngineClient } from './docker-client.ts'
import type { CellLog } from './event-lines.ts'
import type { ExitWatch } from './exit-watch.ts'
import type { SandboxPolicy } from './policy.ts'

/** What a running cell is made of: a started container, its stream, its exit. */
export interface CellParts {
  readonly engine: EngineClient
  readonly policy: SandboxPolicy
  readonly id: string
  readonly name: string
  readonly containerId: string
  readonly socket: Socket
  readonly exitWatch: ExitWatch
  readonly limits: Readonly<Record<string, unknown>>
  readonly onEvent: (event: CellEvent) => void
  readonly onLog?: ((entry: CellLog) => void) | undefined
}
