import { PlatformError } from '../../src/errors.ts'
import type { EngineClient } from '../sandbox/docker-client.ts'
import { LABEL } from '../sandbox/container-spec.ts'
import { listByLabels } from '../sandbox/engine-calls.ts'
import { reconcile, type RemovedCell } from '../sandbox/reconcile.ts'
import { isHelper } from '../sandbox/survivors.ts'
import type { Job } from '../store/ports.ts'
import { retryJob } from './finish-job.ts'
import type { JobContext } from './job-context.ts'
import type { CellRef } from './job-state.ts'

export interface Adoption {
  readonly job: Job
  readonly cell: CellRef
}

export interface EngineOfInstance {
  readonly engine: EngineClient
  readonly instance: string
}

/**
 * What an earlier holder of the data directory left: whoever took a job then is gone, so leases do not count. Jobs whose
 * cell is fed and still there (running, or ended and not removed) are answered, for the caller to adopt; all other cells
 * of this instance are removed and their jobs go back to the queue.
 * @throws engine_unavailable, engine_timeout
 */
export async function recoverJobs(
  context: JobContext,
  { engine, instance }: EngineOfInstance,
  options: { readonly adopt: boolean },
): Promise<Adoption[]> {
  const found = await listByLabels(engine, { [LABEL.instance]: instance })
  const containers = new Set(found.map((container) => container.Id))
  const active = await context.store.active()
  const adoptions: Adoption[] = []
  for (const job of active) {
    const { cell } = job
    if (options.adopt && job.fed && cell !== null && containers.has(cell.containerId)) adoptions.push({ job, cell })
  }
  const adopted = new Set(adoptions.map(({ job }) => job.id))
  const removed = await reconcile({
    engine,
    instance,
    async keep() {
      // Strategies are inspected from the first moment on
      const kept = new Set([...context.deps.liveCells, ...adoptions.map(({ cell }) => cell.cellId)])
      return (cellId) => kept.has(cellId)
    },
    log: (text) => context.log('info', text),
  })
  noteRemoved(context, removed)
  for (const job of active) {
    if (adopted.has(job.id)) continue
    context.log('info', 'A job of an earlier process is tried again', { job: job.id, attempt: job.attempt })
    const lost = { cause: 'lost', reason: 'the service ended before the attempt did' } as const
    await retryJob(context, job, lost).catch((error: unknown) => {
      // One whose own rows are damaged must not keep the service from starting
      if (!(error instanceof PlatformError) || error.code !== 'invariant') throw error
      context.log('error', error.message, { job: job.id })
    })
  }
  return adoptions
}

/** A helper that ends what is left of a cell is removed by whoever started it, unless that one is gone. */
const HELPER_AGE_MS = 60_000

/**
 * A call to the engine may have succeeded although it failed here, and an engine that was away may have kept what had to be
 * removed: what nobody knows of is looked for again and again.
 */
export async function removeUnknownCells(context: JobContext, { engine, instance }: EngineOfInstance): Promise<void> {
  const removed = await reconcile({
    engine,
    instance,
    async keep() {
      const active = await context.store.active()
      const kept = new Set(context.deps.liveCells)
      for (const { cell } of active) if (cell !== null) kept.add(cell.cellId)
      return (cellId, ageMs) => kept.has(cellId) || (isHelper(cellId) && ageMs < HELPER_AGE_MS)
    },
    log: (text) => context.log('warn', text),
  })
  noteRemoved(context, removed)
}

function noteRemoved({ audit }: JobContext, cells: readonly RemovedCell[]): void {
  for (const { cellId, containerId, removed } of cells)
    audit.note({ type: 'cell_removed', cell: cellId, container: containerId, removed })
}
