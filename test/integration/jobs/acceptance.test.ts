import { describe, it } from 'vitest'
import type { App } from '../../../orchestrator-service/app.ts'
import type { Job, StoredEvent } from '../../../orchestrator-service/store/ports.ts'
import { type Kind, killAgainAndAgain, NATURAL_ENDS, submitMixture } from '../../support/restless-service.ts'
import { createServiceProcess } from '../../support/service-process.ts'
import { countContainers, findContradictions, openTestApp, waitFor, writeTestCandles } from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** HOTCELL_TEST_FULL=1: 200 submissions and 20 kills; else a smaller set of the same. */
const FULL = process.env['HOTCELL_TEST_FULL'] === '1'
const SUBMITTED = FULL ? 200 : 40
const KILLS = FULL ? 20 : 5
const SEED = Number(process.env['HOTCELL_TEST_SEED'] ?? 20_261_121)

interface History {
  readonly job: Job
  readonly events: readonly StoredEvent[]
}

async function readHistories(app: App): Promise<History[]> {
  const histories: History[] = []
  for (let cursor: string | null = null; ;) {
    const page = await app.stores.jobs.list({ owner: null, limit: 100, ...(cursor === null ? {} : { cursor }) })
    for (const job of page.jobs) histories.push({ job, events: await app.stores.jobs.events(job.id) })
    cursor = page.cursor
    if (cursor === null) return histories
  }
}

/** When a job waited: from its submission, or from being given back, to its next attempt or its end. */
function waitingTimes({ events }: History): { from: number; to: number; taken: boolean }[] {
  const times: { from: number; to: number; taken: boolean }[] = []
  let from: number | null = null
  for (const { at, event } of events) {
    if (event.type === 'submitted' || event.type === 'retried') from = at
    if (from === null || (event.type !== 'taken' && event.type !== 'finished')) continue
    times.push({ from, to: at, taken: event.type === 'taken' })
    from = null
  }
  return times
}

/** Jobs that were taken while one waited that had to come before. Same milliseconds say nothing. */
function findWrongOrder(histories: readonly History[]): string[] {
  const waits = histories.flatMap((history) => waitingTimes(history).map((time) => ({ ...time, job: history.job })))
  const before = (a: Job, b: Job): boolean =>
    a.priority > b.priority || (a.priority === b.priority && a.sequence < b.sequence)
  return waits.flatMap((taken) => {
    if (!taken.taken) return []
    const passed = waits.filter((other) => before(other.job, taken.job) && other.from < taken.to && other.to > taken.to)
    return passed.map(({ job }) => `${taken.job.id} was taken while ${job.id} waited`)
  })
}

describe('a service that is killed again and again', () => {
  it(
    `ends each of ${SUBMITTED} submissions in one right state over ${KILLS} kills`,
    {
      timeout: FULL ? 900_000 : 170_000,
    },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      const first = await openTestApp(dir.path)
      await writeTestCandles(first)
      await first[Symbol.asyncDispose]()
      await using service = createServiceProcess(dir.path, {
        HOTCELL_CONCURRENCY: '4',
        HOTCELL_MAX_QUEUED_PER_OWNER: '1000',
      })
      await service.start()
      const begun = performance.now()

      const overMs = KILLS * 4000
      const [submitted] = await Promise.all([
        submitMixture(service, { count: SUBMITTED, overMs, seed: SEED }),
        killAgainAndAgain(service, { kills: KILLS, longestMs: 5000, seed: SEED + 1 }),
      ])
      const open = 'state=queued&state=preparing&state=running&state=verifying&limit=200'
      await waitFor(
        'the end of every job',
        async () => {
          const answer = await service.call('GET', `/v1/backtests?${open}`)
          return Array.isArray(answer?.body['jobs']) && answer.body['jobs'].length === 0
        },
        FULL ? 600_000 : 120_000,
      )
      const seconds = (performance.now() - begun) / 1000
      expect(await service.kill('SIGTERM')).toBe(0)

      await using app = await openTestApp(dir.path, { oneShot: true })
      const histories = await readHistories(app)
      const byId = new Map(histories.map((history) => [history.job.id, history]))
      const accepted = submitted.filter(({ kind }) => kind !== 'invalid')
      expect(submitted.filter(({ kind }) => kind === 'invalid').map(({ status }) => status)).toEqual(
        submitted.filter(({ kind }) => kind === 'invalid').map(() => 400),
      )
      // Nothing lost, nothing doubled
      expect(new Set(accepted.map(({ id }) => id))).toEqual(new Set(byId.keys()))
      expect(histories).toHaveLength(accepted.length)
      const counts = { adopted: 0, wasted: 0, retried: 0, cancelled: 0 }
      for (const { id, kind, number } of accepted) {
        const { job, events } = byId.get(id!)!
        expect(job.labels['number']).toBe(String(number))
        expect(await findContradictions(app, job.id)).toEqual([])
        const [state, outcome, reason] = job.cancelRequested
          ? (['cancelled', 'cancelled', null] as const)
          : NATURAL_ENDS[kind as Exclude<Kind, 'invalid'>]
        expect({ kind, state: job.state, outcome: job.outcome?.kind, reason: job.outcome?.reason }).toEqual({
          kind,
          state,
          outcome,
          reason,
        })
        if (kind !== 'cancelled') expect(job.cancelRequested).toBe(false)
        // Each attempt but the last was given back, and none has had two cells; who cancels between two finds none at work
        const types = events.map(({ event }) => event.type)
        const retried = types.filter((type) => type === 'retried').length
        expect(types.filter((type) => type === 'taken')).toHaveLength(job.attempt)
        expect(job.attempt === 0 || job.cancelRequested ? [job.attempt, job.attempt - 1] : [job.attempt - 1]).toContain(
          retried,
        )
        expect(types.filter((type) => type === 'started').length).toBeLessThanOrEqual(job.attempt)
        counts.retried += retried
        counts.cancelled += job.cancelRequested ? 1 : 0
        const log = Buffer.from((await app.logs.read(job.id, { from: 0, maxBytes: 1e7 })).bytes).toString('utf8')
        const adoptions = log.match(/Adopted the cell of attempt \d+/g) ?? []
        for (const adoption of new Set(adoptions)) {
          counts.adopted += 1
          const attempt = Number(adoption.split(' ').at(-1))
          if (events.some(({ event }) => event.type === 'retried' && event.attempt === attempt)) counts.wasted += 1
        }
      }
      expect(findWrongOrder(histories)).toEqual([])
      expect(await countContainers(dir.path)).toBe(0)
      if (FULL) expect(counts.adopted).toBeGreaterThan(0)
      // What was adopted is never run again, whenever the next kill comes
      expect(counts.wasted).toBe(0)
      process.stderr.write(`${accepted.length} jobs, ${seconds.toFixed(0)} s: ${JSON.stringify(counts)}\n`)
    },
  )
})
