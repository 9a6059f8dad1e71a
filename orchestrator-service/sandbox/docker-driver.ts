import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { PlatformError } from '../../src/errors.ts'
import type { CellEvent } from '../../src/protocol/events.ts'
import { RunningCell } from './cell.ts'
import type { CellLog } from './event-lines.ts'
import type { Cell, WaitingCell } from './cell-handle.ts'
import { removeCell } from './cell-end.ts'
import { buildContainerSpec, type ContainerSpec, LABEL } from './container-spec.ts'
import { provideNetwork } from './cell-network.ts'
import { EngineError, type EngineClient } from './docker-client.ts'
import {
  attachContainer,
  createContainer,
  inspectContainer,
  type InspectAnswer,
  listByLabels,
  startContainer,
} from './engine-calls.ts'
import { watchExit } from './exit-watch.ts'
import { checkInspect } from './inspect-check.ts'
import { policyLimits } from './policy-limits.ts'
import { missingRuntime } from './policy-trouble.ts'
import type { SandboxPolicy } from './policy.ts'
import type { CellArchitecture } from './seccomp-profile.ts'

/**
 * Theory of operation. The order is the engine's: create, inspect (what was asked is what was set), attach with an
 * upgraded connection, register the wait, start. An attach after the start loses output; a wait after the start can miss
 * the exit. Whatever fails on the way leaves nothing behind: the stream is destroyed first (an unread one locks the
 * container), then the container is removed. A create may succeed although the call failed, so after an error the cell
 * is looked for by its labels.
 */
export interface CellDeps {
  readonly engine: EngineClient
  /** The random id of the data directory: every container carries it. */
  readonly instance: string
}

export interface StartCellOptions {
  readonly policy: SandboxPolicy
  /** Image id or reference. */
  readonly image: string
  /** As `newCellId` makes them; left out: a new one. */
  readonly cellId?: string
  readonly onEvent?: (event: CellEvent) => void
  readonly onLog?: ((entry: CellLog) => void) | undefined
  readonly onProgress?: (event: Extract<CellEvent, { type: 'progress' }>) => void
}

/** After the end is expected the engine has its call time twice, and this, to confirm it. */
const GIVE_UP_MS = 5000

/** Random, so that whoever carries it is the container of one very call. */
export function newCellId(): string {
  return randomBytes(8).toString('hex')
}

/** A started, sealed container for a job that begins now. @throws policy_unavailable, engine_unavailable, engine_timeout, invariant; nothing is left behind */
export async function startCell(deps: CellDeps, options: StartCellOptions): Promise<Cell> {
  const cell = await startWaitingCell(deps, options)
  cell.begin()
  return cell
}

/**
 * A started, sealed container whose job comes later. All limits of its policy are set, so that none has to be changed when
 * it comes. @throws policy_unavailable, engine_unavailable, engine_timeout, invariant; nothing is left behind
 */
export async function startWaitingCell(deps: CellDeps, options: StartCellOptions): Promise<WaitingCell> {
  const { engine, instance } = deps
  const { policy, image, cellId = newCellId() } = options
  const networkId = await provideNetwork(engine, policy).catch((error: unknown) => {
    throw asPlatformError(error)
  })
  const spec = buildContainerSpec(policy, {
    image,
    instance,
    cellId,
    createdMs: Date.now(),
    architecture: hostArchitecture(),
    networkId,
  })
  const containerId = await createOrCleanUp(engine, spec, policy)
  let socket: Socket | undefined
  try {
    const attached = attachContainer(engine, containerId).then((stream) => (socket = stream))
    const watching = watchExit(engine, containerId, 2 * engine.callTimeMs + GIVE_UP_MS)
    const [inspection, attachment, watch] = await Promise.allSettled([
      inspectContainer(engine, containerId),
      attached,
      watching,
    ])
    if (watch.status === 'rejected') throw watch.reason
    const exitWatch = watch.value
    try {
      if (attachment.status === 'rejected') throw attachment.reason
      if (inspection.status === 'rejected') throw inspection.reason
      const differences = checkInspect(spec, inspection.value)
      if (differences.length > 0) throw refused(policy, differences)
      await startContainer(engine, containerId)
    } catch (error) {
      exitWatch.stop()
      throw error
    }
    return new RunningCell({
      engine,
      policy,
      id: cellId,
      name: spec.name,
      containerId,
      socket: attachment.value,
      exitWatch,
      limits: appliedLimits(policy, inspection.value),
      onLog: options.onLog,
      onEvent: (event) => {
        options.onEvent?.(event)
        if (event.type === 'progress') options.onProgress?.(event)
      },
    })
  } catch (error) {
    socket?.destroy()
    await removeCell(engine, containerId)
    throw asPlatformError(error)
  }
}

async function createOrCleanUp(engine: EngineClient, spec: ContainerSpec, policy: SandboxPolicy): Promise<string> {
  try {
    return await createContainer(engine, spec)
  } catch (error) {
    // The name is random: whoever carries both labels is the container of this very call.
    const labels = { [LABEL.instance]: spec.Labels[LABEL.instance], [LABEL.cell]: spec.Labels[LABEL.cell] }
    const left = await listByLabels(engine, labels).catch(() => [])
    for (const container of left) await removeCell(engine, container.Id)
    if (error instanceof EngineError && /unknown.*runtime/i.test(error.message)) throw missingRuntime(policy)
    throw asPlatformError(error)
  }
}

function refused(policy: SandboxPolicy, differences: string[]): PlatformError {
  return new PlatformError(
    'engine_unavailable',
    `Cannot start a cell: the engine did not set what the policy "${policy.name}" asks (${differences[0]})`,
    { details: { differences }, hint: '`hotcell doctor` says what this engine cannot enforce' },
  )
}

function asPlatformError(error: unknown): Error {
  if (!(error instanceof EngineError)) return error as Error
  const hint = error.status === 404 ? 'Build the image again: `npm run setup`' : '`hotcell doctor` checks the engine'
  return new PlatformError('engine_unavailable', error.message, {
    cause: error,
    hint,
    details: { status: error.status },
  })
}

/** The limits that the host keeps, and the engine's own words for those that it applied. */
function appliedLimits(policy: SandboxPolicy, { HostConfig }: InspectAnswer): Record<string, unknown> {
  return {
    ...policyLimits(policy),
    runtime: HostConfig['Runtime'],
    memoryBytes: HostConfig['Memory'],
    memorySwapBytes: HostConfig['MemorySwap'],
    cpuQuotaMicros: HostConfig['CpuQuota'],
    cpuPeriodMicros: HostConfig['CpuPeriod'],
    pids: HostConfig['PidsLimit'],
    tmpfs: HostConfig['Tmpfs'],
    ulimits: HostConfig['Ulimits'],
    readonlyRoot: HostConfig['ReadonlyRootfs'],
  }
}

function hostArchitecture(): CellArchitecture {
  return process.arch === 'arm64' ? 'arm64' : 'x64'
}
