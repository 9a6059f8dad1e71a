import { removeCell } from './cell-end.ts'
import { LABEL } from './container-spec.ts'
import type { EngineClient } from './docker-client.ts'
import { killContainer, listByLabels, type ListedContainer } from './engine-calls.ts'

export interface RemovedCell {
  readonly containerId: string
  readonly cellId: string
  readonly name: string
  readonly state: string
  readonly removed: boolean
}

/**
 * Removes what an earlier holder of this data directory left in the engine, running or not. Only containers that carry
 * exactly this instance's label are looked at. `keep` is asked after they were listed, so that a cell that is just being
 * started is known by then.
 * @throws engine_unavailable, engine_timeout
 */
export async function reconcile(options: {
  readonly engine: EngineClient
  readonly instance: string
  /** Whether a cell is known to be alive; left out: none is. */
  readonly keep?: () => Promise<(cellId: string, ageMs: number) => boolean>
  readonly log?: (text: string) => void
}): Promise<RemovedCell[]> {
  const { engine, instance } = options
  const found = await listByLabels(engine, { [LABEL.instance]: instance })
  const isKept = (await options.keep?.()) ?? (() => false)
  const removed: RemovedCell[] = []
  for (const container of found) {
    const cell = describe(container)
    const ageMs = Date.now() - container.Created * 1000
    if (container.Labels[LABEL.instance] !== instance || isKept(cell.cellId, ageMs)) continue
    if (container.State === 'running') await killContainer(engine, container.Id).catch(() => false)
    const gone = await removeCell(engine, container.Id)
    removed.push({ ...cell, removed: gone })
    options.log?.(`${gone ? 'Removed' : 'Could not remove'} the ${cell.state} cell ${cell.name} of an earlier run`)
  }
  return removed
}

function describe(container: ListedContainer): Omit<RemovedCell, 'removed'> {
  return {
    containerId: container.Id,
    cellId: container.Labels[LABEL.cell] ?? '',
    name: (container.Names[0] ?? '').replace(/^\//, ''),
    state: container.State,
  }
}
