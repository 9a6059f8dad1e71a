import type { CellListing } from '../../admin/list-cells.ts'
import { renderPool } from '../../admin/pool-status.ts'
import { openService } from '../client/open-service.ts'
import type { CommandContext } from '../context.ts'
import { renderTable } from '../render-table.ts'
import { visible } from '../visible.ts'

/** The containers of this instance, as the engine has them now, and how it goes with those that wait. */
export async function cells(context: CommandContext): Promise<number> {
  const { io } = context
  await using service = await openService(context, 'read')
  const [found, pool] = [await service.client.cells(), await service.client.pool()]
  if (io.json) io.out(JSON.stringify({ cells: found, pool }))
  else if (found.length === 0) io.out('No cells')
  else io.out(renderTable(['cell', 'state', 'age', 'policy', 'memory', 'run', 'attempt', 'owner'], found.map(rowOf)))
  if (!io.json && pool !== null) io.out(renderPool(pool))
  return 0
}

function rowOf({ cell, state, ageMs, policy, memoryBytes, job, attempt, owner }: CellListing): string[] {
  return [
    visible(cell),
    visible(state),
    `${(ageMs / 1000).toFixed(1)} s`,
    policy ?? 'unknown',
    memoryBytes === null ? '' : `${Math.round(memoryBytes / 2 ** 20)} MiB`,
    job ?? '',
    attempt === null ? '' : String(attempt),
    visible(owner ?? ''),
  ]
}
