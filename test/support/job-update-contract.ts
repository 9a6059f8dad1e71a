import { it } from 'vitest'
import { type JobEvent, rebuild } from '../../orchestrator-service/jobs/job-state.ts'
import { finished, SAMPLE_CELL, sampleJob, wayToOk } from './job-samples.ts'
import type { OpenTestStores } from './job-store-contract.ts'

const RULES = { maxQueued: 100 }
const LEASE = { worker: 'w', leaseMs: 30_000 }

export function registerUpdate(open: OpenTestStores): void {
  it('appends the events that were decided on and answers with their sum', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1'), RULES)
    await jobs.take({ ...LEASE, now: 2 })

    const job = await jobs.update('r-1', 3, ({ attempt }) => wayToOk(attempt))

    expect(job).toMatchObject({ state: 'completed', fed: true, fingerprint: 'ab', totalReturn: 0.25, version: 6 })
    expect(job).toMatchObject({ startedAt: 2, finishedAt: 3, cell: SAMPLE_CELL, outcome: { kind: 'ok' } })
    expect(await jobs.get('r-1')).toEqual(job)
    const events = await jobs.events('r-1')
    expect(events.map(({ sequence, at, event }) => [sequence, at, event.type])).toEqual([
      [1, 1000, 'submitted'],
      [2, 2, 'taken'],
      [3, 3, 'started'],
      [4, 3, 'fed'],
      [5, 3, 'answered'],
      [6, 3, 'finished'],
    ])
    expect(await jobs.events('r-1', 4)).toEqual(events.slice(4))
  })

  it('changes nothing when any of the events is refused', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1'), RULES)
    const before = await jobs.take({ ...LEASE, now: 2 })

    const half = jobs.update('r-1', 3, () => [wayToOk(1)[0]!, { type: 'fed', attempt: 2 }])

    await expect(half).rejects.toMatchObject({ code: 'stale_attempt' })
    expect(await jobs.get('r-1')).toEqual(before)
    expect(await jobs.events('r-1')).toHaveLength(2)
  })

  it('changes nothing when nothing was decided or the decision threw', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    const { job } = await jobs.submit(sampleJob('r-1'), RULES)
    const failing = jobs.update('r-1', 3, () => {
      throw new Error('undecided')
    })

    await expect(failing).rejects.toThrow('undecided')
    expect(await jobs.update('r-1', 3, () => [])).toEqual(job)
    expect(await jobs.get('r-1')).toEqual(job)
  })

  it('lets a former attempt change nothing', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1'), RULES)
    await jobs.take({ ...LEASE, now: 2 })
    await jobs.update('r-1', 3, () => [{ type: 'retried', attempt: 1, cause: 'lost', reason: 'lease' }])
    const stale: JobEvent[] = [...wayToOk(1), { type: 'retried', attempt: 1, cause: 'lost', reason: 'x' }]
    for (const event of stale)
      await expect(jobs.update('r-1', 3, () => [event])).rejects.toMatchObject({ code: 'stale_attempt' })
    const second = await jobs.take({ ...LEASE, now: 4 })

    for (const event of stale)
      await expect(jobs.update('r-1', 5, () => [event])).rejects.toMatchObject({ code: 'stale_attempt' })

    expect(second).toMatchObject({ attempt: 2, startedAt: 4 })
    expect(await jobs.get('r-1')).toEqual(second)
  })

  it('refuses a job that does not exist, and a taking without a lease', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1'), RULES)

    await expect(jobs.update('r-9', 1, () => [])).rejects.toMatchObject({ code: 'unknown_run' })
    const taken: JobEvent = { type: 'taken', attempt: 1, worker: 'w' }
    await expect(jobs.update('r-1', 1, () => [taken])).rejects.toMatchObject({ code: 'invariant' })
  })
}

export function registerRaces(open: OpenTestStores): void {
  it('between cancel and finish have one end each', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (let i = 0; i < 100; i += 1) {
      const id = `r-${i}`
      await jobs.submit(sampleJob(id), RULES)
      await jobs.take({ ...LEASE, now: 1, only: id })
      const finish = async () =>
        await jobs.update(id, 2, (job) => (job.cancelRequested ? [finished(1, 'cancelled')] : wayToOk(1)))
      const cancel = async () => await jobs.update(id, 2, () => [{ type: 'cancel_requested', by: 'ann' }])
      const steps = i % 2 === 0 ? [finish, cancel, finish] : [cancel, finish, finish]

      await Promise.allSettled(steps.map(async (step) => await step()))

      const events = await jobs.events(id)
      expect(events.filter(({ event }) => event.type === 'finished')).toHaveLength(1)
      expect(events.at(-1)?.event.type).toBe('finished')
      const asked = events.some(({ event }) => event.type === 'cancel_requested')
      const job = await jobs.get(id)
      expect(job?.state).toBe(asked ? 'cancelled' : 'completed')
      expect(job).toMatchObject(rebuild(events.map(({ event }) => event)))
    }
  })
}

export function registerDelete(open: OpenTestStores): void {
  it('removes a job that has ended with all that belongs to it, its idempotency key too', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    const sample = sampleJob('r-1', { idempotency: { key: 'k', bodyHash: 'h' }, labels: { a: 'b' } })
    await jobs.submit(sample, RULES)
    await jobs.submit(sampleJob('r-2', { labels: { a: 'b' } }), RULES)
    await jobs.update('r-1', 5, () => [{ type: 'cancel_requested', by: 'ann' }, finished(0, 'cancelled')])

    await jobs.delete('r-1')

    expect(await jobs.get('r-1')).toBeNull()
    expect(await jobs.request('r-1')).toBeNull()
    expect(await jobs.events('r-1')).toEqual([])
    const labelled = await jobs.list({ owner: null, label: { name: 'a', value: 'b' }, limit: 9 })
    expect(labelled.jobs.map(({ id }) => id)).toEqual(['r-2'])
    expect(await jobs.submit({ ...sample, id: 'r-3' }, RULES)).toMatchObject({ created: true })
    expect(await jobs.events('r-3')).toHaveLength(1)
  })

  it('refuses a job that has not ended, and one that does not exist', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1'), RULES)

    await expect(jobs.delete('r-1')).rejects.toMatchObject({ code: 'not_finished' })
    await jobs.take({ ...LEASE, now: 1 })
    await expect(jobs.delete('r-1')).rejects.toMatchObject({ code: 'not_finished' })
    await expect(jobs.delete('r-9')).rejects.toMatchObject({ code: 'unknown_run' })
    expect(await jobs.events('r-1')).toHaveLength(2)
  })
}

export function registerFigures(open: OpenTestStores): void {
  it('count the jobs of each state and time the newest completed ones', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (let i = 0; i < 5; i += 1) await jobs.submit(sampleJob(`r-${i}`), RULES)
    for (const [i, now] of [100, 200, 300].entries()) {
      await jobs.take({ ...LEASE, now, only: `r-${i}` })
      await jobs.update(`r-${i}`, now + 10 + i, () => wayToOk(1))
    }
    await jobs.take({ ...LEASE, now: 400, only: 'r-3' })
    await jobs.update('r-3', 999, () => [finished(1, 'strategy_error', 'threw')])

    expect(await jobs.countByState()).toEqual({
      queued: 1,
      preparing: 0,
      running: 0,
      verifying: 0,
      completed: 3,
      failed: 1,
      cancelled: 0,
      timed_out: 0,
    })
    expect(await jobs.recentDurations(2)).toEqual([12, 11])
    expect(await jobs.recentDurations(9)).toEqual([12, 11, 10])
  })

  it('finds completed jobs of the same owner with the same configuration, newest first', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    const complete = async (id: string, sample: Parameters<typeof sampleJob>[1] = {}): Promise<void> => {
      await jobs.submit(sampleJob(id, sample), RULES)
      await jobs.take({ ...LEASE, now: 2, only: id })
      await jobs.update(id, 3, ({ attempt }) => wayToOk(attempt))
    }
    for (const id of ['r-1', 'r-2', 'r-3']) await complete(id, { labels: { id } })
    await complete('r-other-owner', { owner: 'ben' })
    await complete('r-other-symbol', { symbols: ['ETHUSDT'] })
    await jobs.submit(sampleJob('r-copy'), RULES)
    await jobs.take({ ...LEASE, now: 2, only: 'r-copy' })
    const copied = await jobs.update('r-copy', 3, ({ attempt }) => [
      { type: 'reused', attempt, source: 'r-1' },
      finished(attempt, 'ok'),
    ])
    await jobs.submit(sampleJob('r-new', { priority: 5 }), RULES)

    expect(copied).toMatchObject({ state: 'completed', cachedFrom: 'r-1' })
    expect(await jobs.completedLike('r-new', 2)).toEqual(['r-3', 'r-2'])
    expect(await jobs.completedLike('r-new', 9)).toEqual(['r-3', 'r-2', 'r-1'])
    expect(await jobs.completedLike('r-other-symbol', 9)).toEqual(['r-other-symbol'])
  })
}
