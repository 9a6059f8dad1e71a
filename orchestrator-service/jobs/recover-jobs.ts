import type { EngineClient } from '../sandbox/docker-client.ts'
import { LABEL } from '../sandbox/container-spec.ts'
import { listByLabels } from '../sandbox/engine-calls.ts'
import { reconcile, type RemovedCell } from '../sandbox/reconcile.ts'
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
    // Strategies are inspected from the first moment on
    keep: new Set([...context.deps.liveCells, ...adoptions.map(({ cell }) => cell.cellId)]),
    log: (text) => context.log('info', text),
  })
  noteRemoved(context, removed)
  for (const job of active) {
    if (adopted.has(job.id)) continue
    context.log('info', 'A job of an earlier process is tried again', { job: job.id, attempt: job.attempt })
    await retryJob(context, job, { cause: 'lost', reason: 'the service ended before the attempt did' })
  }
  return adoptions
}

/** A call to the engine may have succeeded although it failed here: what nobody knows of is looked for again and again. */
const UNKNOWN_AGE_MS = 60_000

export async function removeUnknownCells(context: JobContext, { engine, instance }: EngineOfInstance): Promise<void> {
  const keep = new Set(context.deps.liveCells)
  for (const { cell } of await context.store.active()) if (cell !== null) keep.add(cell.cellId)
  const createdBefore = Date.now() - UNKNOWN_AGE_MS
  noteRemoved(
    context,
    await reconcile({ engine, instance, keep, createdBefore, log: (text) => context.log('warn', text) }),
  )
}

function noteRemoved({ audit }: JobContext, cells: readonly RemovedCell[]): void {
  for (const { cellId, containerId, removed } of cells)
    audit.note({ type: 'cell_removed', cell: cellId, container: containerId, removed })
}
