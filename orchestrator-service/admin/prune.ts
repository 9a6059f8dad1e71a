import { FINAL_STATES } from '../../src/protocol/job.ts'
import type { JobContext } from '../jobs/job-context.ts'
import { removeJob } from '../jobs/remove-job.ts'
import type { EngineClient } from '../sandbox/docker-client.ts'
import { PRODUCT_REPOSITORY } from '../sandbox/image/ensure-image.ts'
import type { JobStore } from '../store/ports.ts'
import { findOldImages, type OldImage, removeOldImage } from './old-images.ts'

/**
 * Theory of operation. What is removed is written to the audit log first, in groups: a crash on the way leaves a log that
 * names some jobs that are still there, and the next prune takes them; never a job that is gone without a word. The
 * audit log itself is not pruned, so that its chain stays whole.
 */
export interface PruneRequest {
  /** Jobs that ended longer ago. */
  readonly olderThanMs: number
  /** So many of the newest jobs that have ended stay, however old. */
  readonly keep: number
  /** Also images of this product's runner that no container uses. */
  readonly images: boolean
  /** Says what would be removed. */
  readonly dryRun: boolean
}

export interface PruneReport {
  readonly dryRun: boolean
  readonly finishedBefore: string
  readonly jobs: readonly string[]
  /** Tags. */
  readonly images: readonly string[]
}

const PAGE = 200
const GROUP = 500

/** @throws PlatformError service_unavailable (audit log), engine_unavailable and engine_timeout (images) */
export async function prune(
  context: Pick<JobContext, 'store' | 'deps' | 'exclusive' | 'audit'>,
  engine: EngineClient,
  { olderThanMs, keep, images, dryRun, by }: PruneRequest & { readonly by: string },
): Promise<PruneReport> {
  const cutoff = Math.max(0, Date.now() - olderThanMs)
  const finishedBefore = new Date(cutoff).toISOString()
  const jobs = await findOldJobs(context.store, { cutoff, keep })
  const old = images ? await findOldRunners(context, engine) : []
  const report = (removed: readonly OldImage[]): PruneReport => ({
    dryRun,
    finishedBefore,
    jobs,
    images: removed.flatMap(({ tags }) => tags),
  })
  if (dryRun) return report(old)
  const say = async (ids: readonly string[], tags: readonly string[]): Promise<void> =>
    await context.audit.require({ type: 'pruned', by, finishedBefore, kept: keep, jobs: ids, images: tags })
  for (let from = 0; from < jobs.length; from += GROUP) {
    const group = jobs.slice(from, from + GROUP)
    await say(group, [])
    for (const id of group) await removeUnlessGone(context, id)
  }
  if (old.length === 0) return report([])
  await say(
    [],
    old.flatMap(({ tags }) => tags),
  )
  const removed: OldImage[] = []
  for (const image of old) if (await removeOldImage(engine, image)) removed.push(image)
  return report(removed)
}

/** Newest first. */
async function findOldJobs(
  store: Pick<JobStore, 'list'>,
  { cutoff, keep }: { readonly cutoff: number; readonly keep: number },
): Promise<string[]> {
  const found: string[] = []
  let seen = 0
  let cursor: string | null = null
  do {
    const page = await store.list({
      owner: null,
      states: FINAL_STATES,
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    })
    for (const { id, finishedAt } of page.jobs) {
      seen += 1
      if (seen > keep && finishedAt !== null && finishedAt < cutoff) found.push(id)
    }
    cursor = page.cursor
  } while (cursor !== null)
  return found
}

/** Somebody may have deleted it meanwhile. */
async function removeUnlessGone(context: Parameters<typeof prune>[0], id: string): Promise<void> {
  if ((await context.store.get(id)) !== null) await removeJob(context, id)
}

async function findOldRunners({ deps }: Parameters<typeof prune>[0], engine: EngineClient): Promise<OldImage[]> {
  const { id } = await deps.image()
  return await findOldImages(engine, { repository: PRODUCT_REPOSITORY, keep: new Set([id]) })
}
