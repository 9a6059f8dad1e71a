import type { App } from '../../orchestrator-service/app.ts'
import type { StoredEvent } from '../../orchestrator-service/store/ports.ts'
import { readAuditEvents } from './audit.ts'
import { type Kind, NATURAL_ENDS, type RestartSpan, type Submitted } from './restless-service.ts'
import { findContradictions } from './service.ts'

/** What a time of kills and restarts has left in the store, the run directories and the audit log. */
export interface ChaosReport {
  readonly jobs: number
  /** Accepted, and nothing is known of them. */
  readonly lost: readonly string[]
  /** Jobs that the client never got an answer for. */
  readonly foreign: readonly string[]
  /** Ended other than they must, or recorded in two ways. */
  readonly wrong: readonly string[]
  /** Ends in the audit log beyond one a job. */
  readonly recordedTwice: number
  /** Cells that had all of their input, ran or had answered, and were run again although only the service was killed. */
  readonly fedRunAgain: readonly string[]
  readonly adopted: Readonly<Record<string, number>>
  readonly retried: Readonly<Record<string, number>>
  readonly ends: Readonly<Record<string, number>>
}

/** `restarts`: when the engine was restarted (ms UTC), which may end cells that the service then can't adopt. */
export async function readChaos(
  app: App,
  dataDir: string,
  { submitted, restarts }: { readonly submitted: readonly Submitted[]; readonly restarts: readonly RestartSpan[] },
): Promise<ChaosReport> {
  const accepted = submitted.filter(({ kind }) => kind !== 'invalid')
  const stored = new Set(await listIds(app))
  const report = {
    jobs: accepted.length,
    lost: accepted.filter(({ id }) => id === null || !stored.has(id)).map(({ number }) => String(number)),
    foreign: [...stored].filter((id) => !accepted.some((one) => one.id === id)),
    wrong: [] as string[],
    recordedTwice: 0,
    fedRunAgain: [] as string[],
    adopted: {} as Record<string, number>,
    retried: {} as Record<string, number>,
    ends: {} as Record<string, number>,
  }
  const audit = await readAuditEvents(dataDir)
  const ends = audit.filter(({ type }) => type === 'job_finished').map(({ job }) => String(job))
  report.recordedTwice = ends.length - new Set(ends).size
  // One that the host has ended is removed at once; one that has answered stays until the answer is stored
  const endedByHost = new Set(
    audit
      .filter(({ type, kind }) => type === 'cell_ended' && kind !== null)
      .map(({ job, attempt }) => `${String(job)} ${String(attempt)}`),
  )
  for (const { id, kind } of accepted) {
    if (id === null || !stored.has(id)) continue
    const told = await app.stores.jobs.events(id)
    const events = told.map(({ event }) => event)
    report.wrong.push(...(await findContradictions(app, id)), ...(await findWrongEnd(app, id, kind)))
    for (const event of events) {
      if (event.type === 'adopted') add(report.adopted, event.cause)
      if (event.type === 'retried') add(report.retried, event.cause)
    }
    // The record of such an end may be lost in the kill
    if (kind !== 'endless')
      report.fedRunAgain.push(
        ...findRunAgain({ told, restarts }, (attempt) => endedByHost.has(`${id} ${attempt}`)).map(
          (attempt) => `${id} ${attempt} (${kind}): ${describe(told)}`,
        ),
      )
    add(report.ends, (await app.stores.jobs.get(id))!.state)
  }
  return report
}

function describe(told: readonly StoredEvent[]): string {
  return told.map(({ at, event }) => `${new Date(at).toISOString().slice(14, -1)} ${event.type}`).join(', ')
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}

async function listIds(app: App): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | null = null; ;) {
    const page = await app.stores.jobs.list({ owner: null, limit: 200, ...(cursor === null ? {} : { cursor }) })
    ids.push(...page.jobs.map(({ id }) => id))
    cursor = page.cursor
    if (cursor === null) return ids
  }
}

async function findWrongEnd(app: App, id: string, kind: Kind): Promise<string[]> {
  const job = (await app.stores.jobs.get(id))!
  const wanted = job.cancelRequested ? ['cancelled', 'cancelled', null] : NATURAL_ENDS[kind as Exclude<Kind, 'invalid'>]
  const got = [job.state, job.outcome?.kind, job.outcome?.reason]
  const isRight = JSON.stringify(got) === JSON.stringify(wanted) && (kind === 'cancelled' || !job.cancelRequested)
  return isRight ? [] : [`${id} (${kind}) ended as ${JSON.stringify(got)}: ${job.outcome?.message}`]
}

/** Attempts whose cell was fed and had not been ended by the host, and which were given back because the service alone was lost. */
function findRunAgain(
  { told, restarts }: { readonly told: readonly StoredEvent[]; readonly restarts: readonly RestartSpan[] },
  wasEndedByHost: (attempt: number) => boolean,
): number[] {
  const fed = new Map(told.flatMap(({ at, event }) => (event.type === 'fed' ? [[event.attempt, at]] : [])))
  return told.flatMap(({ at, event }) => {
    if (event.type !== 'retried' || event.cause !== 'lost' || wasEndedByHost(event.attempt)) return []
    const begun = fed.get(event.attempt)
    return begun === undefined || restarts.some(({ from, to }) => begun <= to && from <= at) ? [] : [event.attempt]
  })
}
