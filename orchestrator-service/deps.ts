import type { CellEvent } from '../src/protocol/events.ts'
import { PlatformError } from '../src/errors.ts'
import { type CandleArchive, createCandleArchive } from './candles/archive.ts'
import { createInstrumentStore, type InstrumentStore } from './candles/instrument-store.ts'
import type { Config } from './config.ts'
import { type DataDir, openDataDir } from './data-dir/data-dir.ts'
import { createRunStore, type RunStore } from './results/run-store.ts'
import { createVerifier, type Verifier } from './results/verify/verifier.ts'
import { provideVerifyProgram } from './results/verify/verify-program.ts'
import type { Cell } from './sandbox/cell-handle.ts'
import { connectEngine } from './sandbox/docker-client.ts'
import { startCell } from './sandbox/docker-driver.ts'
import { ensureImage } from './sandbox/image/ensure-image.ts'
import { loadPolicies, type SandboxPolicy } from './sandbox/policy.ts'
import { reconcile } from './sandbox/reconcile.ts'

/** The runner image as it lies in the engine. */
export interface RunnerImage {
  readonly ref: string
  readonly id: string
  readonly digest: string
}

/** Everything that running a backtest touches. Made once per process, from the outside in: lock, engine, image. */
export interface RunDeps {
  readonly policies: ReadonlyMap<string, SandboxPolicy>
  readonly archive: CandleArchive
  readonly instruments: InstrumentStore
  readonly runs: RunStore
  readonly verifier: Verifier
  image(): Promise<RunnerImage>
  startCell(policy: SandboxPolicy, image: string, onEvent: (event: CellEvent) => void): Promise<Cell>
}

export interface Stores {
  readonly archive: CandleArchive
  readonly instruments: InstrumentStore
  readonly runs: RunStore
}

/** What can be read and written without the lock: files that are replaced atomically. */
export function createStores(config: Pick<Config, 'dataDir'>): Stores {
  return {
    archive: createCandleArchive(config.dataDir),
    instruments: createInstrumentStore(config.dataDir),
    runs: createRunStore(config.dataDir),
  }
}

/**
 * Takes the lock of the data directory, then the engine; cells that an earlier holder left are removed.
 * @throws PlatformError data_dir_locked, engine_unavailable, invalid_policy
 */
export async function openDeps(
  config: Pick<Config, 'dataDir' | 'baseImage'>,
  log: (text: string) => void,
): Promise<RunDeps & AsyncDisposable> {
  const dataDir: DataDir = await openDataDir(config.dataDir)
  try {
    const policies = loadPolicies()
    const engine = connectEngine()
    const verifyProgram = await provideVerifyProgram()
    await reconcile({ engine, instance: dataDir.instance, log })
    let image: Promise<RunnerImage> | null = null
    return {
      ...createStores(config),
      policies,
      verifier: createVerifier(verifyProgram),
      image: () => (image ??= ensureImage(engine.docker, { log, base: config.baseImage })),
      startCell: (policy, ref, onEvent) =>
        startCell({ engine, instance: dataDir.instance }, { policy, image: ref, onEvent }),
      [Symbol.asyncDispose]: async () => await dataDir[Symbol.asyncDispose](),
    }
  } catch (error) {
    await dataDir[Symbol.asyncDispose]()
    throw error instanceof PlatformError
      ? error
      : new PlatformError('engine_unavailable', `Cannot start: ${String(error)}`, { cause: error })
  }
}
