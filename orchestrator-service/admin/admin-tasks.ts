import type { CellListing } from './list-cells.ts'
import type { PoolStatus } from './pool-status.ts'
import type { PruneReport, PruneRequest } from './prune.ts'

/** What administrators can ask of a service beside its jobs and keys. */
export interface AdminTasks {
  /** @throws engine_unavailable, engine_timeout */
  cells(): Promise<CellListing[]>
  /** Null: this process keeps no cells ready. */
  pool(): PoolStatus | null
  /** @throws service_unavailable, engine_unavailable, engine_timeout */
  prune(request: PruneRequest & { readonly by: string }): Promise<PruneReport>
}
