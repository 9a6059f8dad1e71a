import { describe, it } from 'vitest'
import { loadPolicies } from '../../../orchestrator-service/sandbox/policy.ts'
import type { Job } from '../../../orchestrator-service/store/ports.ts'
import {
  countContainers,
  findContradictions,
  openTestApp,
  readLog,
  slowSubmission,
  SUBMISSIONS,
  waitFor,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** A policy whose wall time is over soon, beside the product's own; a busy machine needs some of it to feed the cell. */
function withHasty(): NonNullable<Parameters<typeof openTestApp>[1]>['policies'] & {} {
  const policies = new Map(loadPolicies())
  policies.set('hasty', { ...policies.get('default')!, name: 'hasty', wallTimeMs: 12_000 })
  return policies
}

const WHOLE = ['submitted', 'taken', 'started', 'fed', 'answered', 'finished']

describe('a job', () => {
  it('ends in exactly the state that its outcome says, whatever that is', { timeout: 170_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using app = await openTestApp(dir.path, { policies: withHasty() })
    await writeTestCandles(app)
    await app.start()
    const submit = async (raw: object): Promise<Job> =>
      (await app.jobs.submit({ owner: 'me', raw, idempotency: null })).job
    const cases = [
      { raw: SUBMISSIONS.valid(), state: 'completed', outcome: { kind: 'ok', reason: null }, events: WHOLE },
      {
        raw: SUBMISSIONS.throwing(),
        state: 'failed',
        outcome: { kind: 'strategy_error', reason: 'threw' },
        events: WHOLE,
      },
      {
        raw: SUBMISSIONS.unknown(),
        state: 'failed',
        outcome: { kind: 'data_unavailable', reason: 'unknown_symbol' },
        events: ['submitted', 'taken', 'finished'],
      },
      {
        raw: SUBMISSIONS.endless(),
        state: 'failed',
        outcome: { kind: 'limit_exceeded', reason: 'bar_time' },
        events: ['submitted', 'taken', 'started', 'fed', 'finished'],
      },
      {
        raw: slowSubmission(60, { options: { policy: 'hasty' } }),
        state: 'timed_out',
        outcome: { kind: 'limit_exceeded', reason: 'wall_time' },
        events: ['submitted', 'taken', 'started', 'fed', 'finished'],
      },
    ]

    const jobs = await Promise.all(cases.map(async ({ raw }) => await submit(raw)))

    for (const [index, { id }] of jobs.entries()) {
      const wanted = cases[index]!
      const job = await waitForEnd(app, id)
      expect(job).toMatchObject({ state: wanted.state, attempt: 1, outcome: wanted.outcome })
      expect((await app.stores.jobs.events(id)).map(({ event }) => event.type)).toEqual(wanted.events)
      expect(await findContradictions(app, id)).toEqual([])
    }
    expect(await countContainers(dir.path)).toBe(0)
  })

  it(
    'can be cancelled while it waits, while its cell starts and while it runs',
    { timeout: 120_000 },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      await using app = await openTestApp(dir.path, { concurrency: 2 })
      await writeTestCandles(app)
      await app.start()
      const ids: string[] = []
      for (let i = 0; i < 3; i += 1) {
        const { job } = await app.jobs.submit({ owner: 'me', raw: slowSubmission(60), idempotency: null })
        ids.push(job.id)
      }
      const [starting, running, waiting] = ids as [string, string, string]

      const first = await app.jobs.cancel(waiting, 'me')
      await waitFor('taken', async () => (await app.stores.jobs.get(starting))?.state !== 'queued')
      await app.jobs.cancel(starting, 'me')
      await waitFor('fed', async () => (await app.stores.jobs.get(running))?.fed === true)
      await app.jobs.cancel(running, 'me')

      expect(first.state).toBe('cancelled')
      for (const id of ids) {
        expect(await waitForEnd(app, id, 15_000)).toMatchObject({ state: 'cancelled', outcome: { kind: 'cancelled' } })
        expect(await findContradictions(app, id)).toEqual([])
        expect((await readLog(app, id)).map(({ text }) => text)).toContain('Cancelled by me')
        // Once more changes nothing
        const before = await app.stores.jobs.get(id)
        expect(await app.jobs.cancel(id, 'you')).toEqual(before)
      }
      await waitFor('the removal of the cells', async () => (await countContainers(dir.path)) === 0)
    },
  )

  it('has in its log what its strategy said, in order and nothing else', { timeout: 60_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using app = await openTestApp(dir.path)
    await writeTestCandles(app)
    await app.start()
    const { job } = await app.jobs.submit({ owner: 'me', raw: slowSubmission(0.1), idempotency: null })

    await waitForEnd(app, job.id)

    const log = await readLog(app, job.id)
    expect(log.map(({ source, text }) => `${source}: ${text}`)).toEqual([
      'system: Attempt 1 taken',
      ...Array.from({ length: 10 }, (_, i) => `strategy: bar ${i * 100} true`),
    ])
  })

  it('waits by priority, then age; a full queue says when to come again', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using app = await openTestApp(dir.path, { concurrency: 1, maxQueued: 4 })
    await writeTestCandles(app)
    const submit = async (priority: number): Promise<Job> => {
      const raw = SUBMISSIONS.valid({ options: { priority } })
      return (await app.jobs.submit({ owner: 'me', raw, idempotency: null })).job
    }
    const [low, old, young, high] = [await submit(-1), await submit(0), await submit(0), await submit(5)]

    await expect(submit(0)).rejects.toMatchObject({ code: 'queue_full', details: { retryAfterSeconds: 1 } })
    expect(await app.jobs.outlook(young)).toEqual({ position: 2, estimateMs: null })
    await app.start()
    const ended = await Promise.all([low, old, young, high].map(async ({ id }) => await waitForEnd(app, id)))

    const order = ended.toSorted((a, b) => a.startedAt! - b.startedAt!).map(({ id }) => id)
    expect(order).toEqual([high.id, old.id, young.id, low.id])
    const after = await submit(0)
    expect((await app.jobs.outlook(after)).estimateMs).toBeGreaterThan(0)
    await waitForEnd(app, after.id)
  })

  it('of another process is left alone by an app that takes only its own', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    const first = await openTestApp(dir.path)
    await writeTestCandles(first)
    const { job: foreign } = await first.jobs.submit({ owner: 'me', raw: SUBMISSIONS.valid(), idempotency: null })
    await first[Symbol.asyncDispose]()
    await using app = await openTestApp(dir.path, { oneShot: true })
    await app.start()

    const { job } = await app.jobs.submit({ owner: 'me', raw: SUBMISSIONS.valid(), idempotency: null })
    await waitForEnd(app, job.id)

    expect(app.firstKey).toBeNull()
    expect(await app.stores.jobs.get(foreign.id)).toMatchObject({ state: 'queued', attempt: 0 })
  })
})

describe('inspect()', () => {
  it(
    'describes a strategy without a job; a third one at once is asked to wait',
    { timeout: 60_000 },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      await using app = await openTestApp(dir.path)
      await app.start()
      const { signal } = new AbortController()
      const raw = { strategy: { builtin: 'SmaCrossover' } }

      const two = [app.jobs.inspect(raw, signal), app.jobs.inspect(raw, signal)]
      await expect(app.jobs.inspect(raw, signal)).rejects.toMatchObject({ code: 'queue_full' })

      for (const { outcome, inspection } of await Promise.all(two)) {
        expect(outcome.kind).toBe('ok')
        expect(inspection?.name).toBe('SmaCrossover')
      }
      expect((await app.stores.jobs.list({ owner: null, limit: 10 })).jobs).toEqual([])
    },
  )
})
