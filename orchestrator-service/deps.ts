import { setTimeout as sleep } from 'node:timers/promises'
import { PlatformError } from '../src/errors.ts'
import { type CandleArchive, createCandleArchive } from './candles/archive.ts'
import { createFundingArchive, type FundingArchive } from './candles/funding-archive.ts'
import { createInstrumentStore, type InstrumentStore } from './candles/instrument-store.ts'
import type { Config } from './config.ts'
import { isDiskWritable } from './data-dir/disk-room.ts'
import { createRunStore, type RunStore } from './results/run-store.ts'
import { createVerifier, type Verifier } from './results/verify/verifier.ts'
import { provideVerifyProgram } from './results/verify/verify-program.ts'
import type { Cell } from './sandbox/cell-handle.ts'
import { adoptCell, type AdoptCellOptions, type AdoptedEnd } from './sandbox/adopt-cell.ts'
import { removeCell } from './sandbox/cell-end.ts'
import type { EngineClient } from './sandbox/docker-client.ts'
import { newCellId, startWaitingCell } from './sandbox/docker-driver.ts'
import { isAdoptable, isEngineThere } from './sandbox/engine-presence.ts'
import { ensureImage } from './sandbox/image/ensure-image.ts'
import { createPolicyCheck, type PolicyCheck } from './sandbox/policy-check.ts'
import type { SandboxPolicy } from './sandbox/policy.ts'
import { type CellPool, createCellPool } from './sandbox/pool/cell-pool.ts'
import type { CellListeners } from './sandbox/pool/shelf.ts'

/** The runner image as it lies in the engine. */
export interface RunnerImage {
  readonly ref: string
  readonly id: string
  readonly digest: string
}

/** Everything that running a backtest touches. */
export interface RunDeps {
  readonly policies: ReadonlyMap<string, SandboxPolicy>
  readonly policyCheck: PolicyCheck
  readonly archive: CandleArchive
  readonly marks: CandleArchive
  readonly funding: FundingArchive
  readonly instruments: InstrumentStore
  readonly runs: RunStore
  readonly verifier: Verifier
  image(): Promise<RunnerImage>
  /** A cell whose job begins now: one that was waiting, or one that is started. */
  startCell(policy: SandboxPolicy, image: string, listeners: CellListeners): Promise<Cell>
  readonly pool: CellPool
  /** Ids of the cells that this process starts, or has started and not seen removed; those that wait for a job are among them. */
  readonly liveCells: ReadonlySet<string>
  /** Waits for a cell of an earlier process and reads it; the container stays. */
  adoptCell(options: AdoptCellOptions): Promise<AdoptedEnd>
  /** Whether the engine answers now. Never rejects. */
  isEngineThere(): Promise<boolean>
  /** Whether there is room in the data directory now. Never rejects. */
  isDiskWritable(): Promise<boolean>
  /** Wait for that in bounded time, or until the abort; false: it did not come. */
  untilEngineIsThere(signal: AbortSignal): Promise<boolean>
  untilDiskIsWritable(signal: AbortSignal): Promise<boolean>
  /** Whether a container of an earlier holder runs, or ended by itself. @throws engine_unavailable, engine_timeout */
  isAdoptable(containerId: string): Promise<boolean>
  /** Removes a container; false: the engine would not in time. */
  removeCell(containerId: string): Promise<boolean>
}

export interface Stores {
  readonly archive: CandleArchive
  /** Mark prices and funding rows of perpetuals. */
  readonly marks: CandleArchive
  readonly funding: FundingArchive
  readonly instruments: InstrumentStore
  readonly runs: RunStore
}

/** What can be read and written without the lock: files that are replaced atomically. */
export function createStores(config: Pick<Config, 'dataDir'>): Stores {
  return {
    archive: createCandleArchive(config.dataDir),
    marks: createCandleArchive(config.dataDir, 'marks'),
    funding: createFundingArchive(config.dataDir),
    instruments: createInstrumentStore(config.dataDir),
    runs: createRunStore(config.dataDir),
  }
}

/** What runs need, once the data directory is locked. Nothing is asked of the engine yet. */
export async function createRunDeps(options: {
  readonly config: Pick<Config, 'dataDir' | 'baseImage' | 'warmCells'>
  readonly engine: EngineClient
  readonly instance: string
  readonly policies: ReadonlyMap<string, SandboxPolicy>
  readonly log: (text: string) => void
}): Promise<RunDeps> {
  const { config, engine, instance, policies, log } = options
  let image: Promise<RunnerImage> | null = null
  const liveCells = new Set<string>()
  const engineThere = async (): Promise<boolean> => await isEngineThere(engine)
  const diskWritable = async (): Promise<boolean> => await isDiskWritable(config.dataDir)
  const pool = createCellPool({
    bounds: config.warmCells,
    log,
    async startCell(policy, ref, { onEvent, onLog }) {
      // Known before there is a container: whatever else is found in the engine is nobody's
      const cellId = newCellId()
      liveCells.add(cellId)
      try {
        const cell = await startWaitingCell({ engine, instance }, { policy, image: ref, cellId, onEvent, onLog })
        void cell.finished.then(() => liveCells.delete(cellId))
        return cell
      } catch (error) {
        liveCells.delete(cellId)
        throw error
      }
    },
  })
  return {
    ...createStores(config),
    policies,
    policyCheck: createPolicyCheck(engine),
    verifier: createVerifier(await provideVerifyProgram()),
    image() {
      image ??= ensureImage(engine.docker, { log, base: config.baseImage })
      // What failed once may succeed later
      image.catch(() => (image = null))
      return image
    },
    liveCells,
    async startCell(policy, ref, listeners) {
      try {
        return await pool.take(policy, ref, listeners)
      } catch (error) {
        // Somebody removed the image from the engine: the next attempt makes it again
        if (error instanceof PlatformError && error.details['status'] === 404) image = null
        throw error
      }
    },
    pool,
    adoptCell: (adopted) => adoptCell(engine, adopted),
    isEngineThere: engineThere,
    isDiskWritable: diskWritable,
    untilEngineIsThere: async (signal) => await untilTrue(engineThere, signal),
    untilDiskIsWritable: async (signal) => await untilTrue(diskWritable, signal),
    isAdoptable: async (containerId) => await isAdoptable(engine, containerId),
    removeCell: (containerId) => removeCell(engine, containerId),
  }
}

const LOOK_AGAIN_MS = 500
/** What is away longer is not being restarted, or made room on. */
const AWAY_MS = 600_000

async function untilTrue(look: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + AWAY_MS
  for (;;) {
    if (await look()) return true
    if (signal.aborted || performance.now() > end) return false
    await sleep(LOOK_AGAIN_MS, undefined, { signal, ref: false }).catch(() => {})
  }
}
