import { LABEL } from '../sandbox/container-spec.ts'
import type { EngineClient } from '../sandbox/docker-client.ts'
import { type ListedContainer, listByLabels } from '../sandbox/engine-calls.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'
import type { Job, JobStore } from '../store/ports.ts'

/** A container of this instance as the engine has it now. */
export interface CellListing {
  readonly cell: string
  readonly container: string
  readonly name: string
  /** In the engine's words: created, running, exited, … */
  readonly state: string
  readonly createdAt: string
  readonly ageMs: number
  /** Null: its policy is not one of this process. */
  readonly policy: string | null
  readonly policyHash: string
  readonly memoryBytes: number | null
  /** Null: it runs no job: it inspects a strategy, waits for a job, or was left. */
  readonly job: string | null
  readonly attempt: number | null
  readonly owner: string | null
}

/** Oldest first. @throws engine_unavailable, engine_timeout */
export async function listCells(options: {
  readonly engine: EngineClient
  readonly instance: string
  readonly store: Pick<JobStore, 'active'>
  readonly policies: ReadonlyMap<string, SandboxPolicy>
}): Promise<CellListing[]> {
  const { engine, instance, store, policies } = options
  const containers = await listByLabels(engine, { [LABEL.instance]: instance })
  const jobs = new Map((await store.active()).map((job) => [job.cell?.containerId, job]))
  const byHash = new Map([...policies.values()].map((policy) => [policy.hash, policy]))
  const now = Date.now()
  return containers
    .map((container) => describe(container, { job: jobs.get(container.Id), byHash, now }))
    .sort((a, b) => b.ageMs - a.ageMs || (a.cell < b.cell ? -1 : 1))
}

function describe(
  { Id, Names, State, Created, Labels }: ListedContainer,
  known: { job: Job | undefined; byHash: ReadonlyMap<string, SandboxPolicy>; now: number },
): CellListing {
  const { job, byHash, now } = known
  const label = Number(Labels[LABEL.created])
  const created = Number.isSafeInteger(label) && label > 0 ? label : Created * 1000
  const policyHash = Labels[LABEL.policy] ?? ''
  const policy = byHash.get(policyHash)
  return {
    cell: Labels[LABEL.cell] ?? '',
    container: Id,
    name: (Names[0] ?? '').replace(/^\//, ''),
    state: State,
    createdAt: new Date(created).toISOString(),
    ageMs: Math.max(0, now - created),
    policy: policy?.name ?? null,
    policyHash,
    memoryBytes: policy?.memoryBytes ?? null,
    job: job?.id ?? null,
    attempt: job?.attempt ?? null,
    owner: job?.owner ?? null,
  }
}
