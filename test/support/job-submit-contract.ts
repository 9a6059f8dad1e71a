import { it } from 'vitest'
import { finished, sampleJob, wayToOk } from './job-samples.ts'
import type { OpenTestStores } from './job-store-contract.ts'

const RULES = { maxQueued: 100 }
const LEASE = { worker: 'w', leaseMs: 30_000 }

export function registerSubmit(open: OpenTestStores): void {
  it('answers with the queued job, and keeps what is to be run', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    const sample = sampleJob('r-1', { symbols: ['ETHUSDT', 'BTCUSDT'], labels: { team: 'a' }, priority: 3 })

    const { job, created } = await jobs.submit(sample, RULES)

    expect(created).toBe(true)
    expect(job).toMatchObject({ id: 'r-1', owner: 'ann', state: 'queued', attempt: 0, version: 1, createdAt: 1000 })
    expect(job).toMatchObject({ symbols: ['BTCUSDT', 'ETHUSDT'], labels: { team: 'a' }, priority: 3, worker: null })
    expect(await jobs.get('r-1')).toEqual(job)
    expect(await jobs.request('r-1')).toEqual({ config: sample.config, options: sample.options })
    expect(await jobs.events('r-1')).toEqual([{ sequence: 1, at: 1000, event: { type: 'submitted' } }])
  })

  it('knows nothing of a job that was never submitted', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores

    expect(await jobs.get('r-1')).toBeNull()
    expect(await jobs.request('r-1')).toBeNull()
    expect(await jobs.events('r-1')).toEqual([])
    expect(await jobs.position('r-1')).toBeNull()
  })

  it('makes one job of two submissions with one key that are in flight at once', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    const idempotency = { key: 'k', bodyHash: 'h' }

    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => await jobs.submit(sampleJob(`r-${i}`, { idempotency }), RULES)),
    )

    expect(answers.filter(({ created }) => created)).toHaveLength(1)
    expect(new Set(answers.map(({ job }) => job.id)).size).toBe(1)
    expect((await jobs.list({ owner: null, limit: 100 })).jobs).toHaveLength(1)
  })

  it('refuses the same key with another body, and lets another owner use it', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1', { idempotency: { key: 'k', bodyHash: 'h' } }), RULES)

    const other = jobs.submit(sampleJob('r-2', { idempotency: { key: 'k', bodyHash: 'i' } }), RULES)
    await expect(other).rejects.toMatchObject({ code: 'idempotency_conflict' })
    const bob = await jobs.submit(sampleJob('r-3', { owner: 'bob', idempotency: { key: 'k', bodyHash: 'i' } }), RULES)

    expect(bob).toMatchObject({ created: true, job: { id: 'r-3' } })
    expect(await jobs.get('r-2')).toBeNull()
  })

  it('finds a job again by its key when it has ended, also while the queue is full', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    const sample = sampleJob('r-1', { idempotency: { key: 'k', bodyHash: 'h' } })
    await jobs.submit(sample, RULES)
    await jobs.update('r-1', 5, () => [{ type: 'cancel_requested', by: 'ann' }, finished(0, 'cancelled')])
    await jobs.submit(sampleJob('r-2'), { maxQueued: 1 })

    const again = await jobs.submit({ ...sample, id: 'r-3' }, { maxQueued: 1 })

    expect(again).toMatchObject({ created: false, job: { id: 'r-1', state: 'cancelled' } })
  })

  it('lets no more jobs wait than allowed', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    const results = await Promise.allSettled(
      Array.from({ length: 9 }, async (_, i) => await jobs.submit(sampleJob(`r-${i}`), { maxQueued: 4 })),
    )

    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(Array(5).fill('queue_full'))
    await jobs.take({ ...LEASE, now: 1 })
    expect((await jobs.submit(sampleJob('r-next'), { maxQueued: 4 })).created).toBe(true)
  })

  it('lets no more jobs of one owner wait than allowed, and others all the same', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    const rules = { maxQueued: 4, maxQueuedPerOwner: 2 }
    for (const i of [1, 2]) await jobs.submit(sampleJob(`r-${i}`), rules)

    await expect(jobs.submit(sampleJob('r-3'), rules)).rejects.toMatchObject({
      code: 'too_many_jobs',
      details: { queued: 2, maxQueuedPerOwner: 2 },
    })
    for (const owner of ['bob', 'eve']) await jobs.submit(sampleJob(`r-${owner}`, { owner }), rules)
    await expect(jobs.submit(sampleJob('r-5', { owner: 'joe' }), rules)).rejects.toMatchObject({ code: 'queue_full' })
    await jobs.take({ ...LEASE, now: 1 })
    expect((await jobs.submit(sampleJob('r-6'), rules)).created).toBe(true)
  })

  it('never stores two jobs of one id', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1'), RULES)

    await expect(jobs.submit(sampleJob('r-1', { owner: 'bob' }), RULES)).rejects.toMatchObject({ code: 'invariant' })
    expect(await jobs.get('r-1')).toMatchObject({ owner: 'ann' })
  })
}

export function registerTake(open: OpenTestStores): void {
  it('answers with null when nothing waits', async ({ expect }) => {
    await using test = await open()

    expect(await test.stores.jobs.take({ ...LEASE, now: 1 })).toBeNull()
  })

  it('leases the job of the highest priority, of these the oldest', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (const [i, priority] of [0, 5, -3, 5, 0].entries())
      await jobs.submit(sampleJob(`r-${i}`, { priority, createdAt: 1000 - i }), RULES)
    expect(await Promise.all([0, 1, 2, 3, 4].map(async (i) => await jobs.position(`r-${i}`)))).toEqual([2, 0, 4, 1, 3])

    const taken: string[] = []
    for (let job = await jobs.take({ ...LEASE, now: 7 }); job !== null; job = await jobs.take({ ...LEASE, now: 7 })) {
      expect(job).toMatchObject({ state: 'preparing', attempt: 1, worker: 'w', startedAt: 7, leaseUntil: 30_007 })
      taken.push(job.id)
    }

    expect(taken).toEqual(['r-1', 'r-3', 'r-0', 'r-4', 'r-2'])
    expect(await jobs.position('r-1')).toBeNull()
  })

  it('lets owners take turns, however many jobs one of them has waiting', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (let i = 0; i < 50; i += 1) await jobs.submit(sampleJob(`ann-${i}`), RULES)
    for (let i = 0; i < 20; i += 1) await jobs.take({ ...LEASE, now: 1 })
    for (const i of [0, 1]) await jobs.submit(sampleJob(`bob-${i}`, { owner: 'bob' }), RULES)
    await jobs.submit(sampleJob('eve-0', { owner: 'eve' }), RULES)
    await jobs.submit(sampleJob('eve-first', { owner: 'eve', priority: 1 }), RULES)
    const places = await Promise.all(['eve-first', 'ann-20', 'bob-0', 'bob-1', 'ann-49'].map((id) => jobs.position(id)))

    const taken: (string | undefined)[] = []
    for (let i = 0; i < 8; i += 1) taken.push((await jobs.take({ ...LEASE, now: 2 }))?.id)

    expect(taken).toEqual(['eve-first', 'ann-20', 'bob-0', 'eve-0', 'ann-21', 'bob-1', 'ann-22', 'ann-23'])
    expect(places).toEqual([0, 1, 2, 5, 33])
  })

  it('gives a job that is tried again its turn back, and nobody a turn for it', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (let i = 0; i < 6; i += 1) await jobs.submit(sampleJob(`ann-${i}`), RULES)
    for (let i = 0; i < 4; i += 1) await jobs.take({ ...LEASE, now: 1 })
    await jobs.update('ann-0', 2, () => [{ type: 'retried', attempt: 1, cause: 'lost', reason: 'lease' }])
    for (const i of [0, 1, 2]) await jobs.submit(sampleJob(`bob-${i}`, { owner: 'bob' }), RULES)

    const taken: (string | undefined)[] = []
    for (let i = 0; i < 6; i += 1) taken.push((await jobs.take({ ...LEASE, now: 2 }))?.id)

    expect(taken).toEqual(['ann-0', 'ann-4', 'bob-0', 'ann-5', 'bob-1', 'bob-2'])
  })

  it('takes a job that is tried again before those that came while it ran', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (let i = 0; i < 4; i += 1) await jobs.submit(sampleJob(`ann-${i}`), RULES)
    for (let i = 0; i < 4; i += 1) await jobs.take({ ...LEASE, now: 1 })
    for (const owner of ['ann', 'bob']) await jobs.submit(sampleJob(`late-${owner}`, { owner }), RULES)
    await jobs.update('ann-2', 2, () => [{ type: 'retried', attempt: 1, cause: 'lost', reason: 'lease' }])

    const taken: (string | undefined)[] = []
    for (let i = 0; i < 3; i += 1) taken.push((await jobs.take({ ...LEASE, now: 2 }))?.id)

    expect(taken).toEqual(['ann-2', 'late-ann', 'late-bob'])
  })

  it('takes only the asked job, and only while it waits', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (const i of [1, 2]) await jobs.submit(sampleJob(`r-${i}`), RULES)

    expect(await jobs.take({ ...LEASE, now: 1, only: 'r-2' })).toMatchObject({ id: 'r-2' })
    expect(await jobs.take({ ...LEASE, now: 1, only: 'r-2' })).toBeNull()
    expect(await jobs.take({ ...LEASE, now: 1, only: 'r-9' })).toBeNull()
    expect(await jobs.get('r-1')).toMatchObject({ state: 'queued' })
  })

  it('gives a job to one worker only, however many ask at once', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (let i = 0; i < 10; i += 1) await jobs.submit(sampleJob(`r-${i}`), RULES)

    const taken = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => await jobs.take({ worker: `w${i}`, now: 1, leaseMs: 10 })),
    )

    const ids = taken.filter((job) => job !== null).map(({ id }) => id)
    expect(ids.sort()).toEqual(Array.from({ length: 10 }, (_, i) => `r-${i}`))
  })
}

export function registerLeases(open: OpenTestStores): void {
  it('are prolonged by the newest attempt only, while the job is held', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1'), RULES)
    expect(await jobs.renew('r-1', 0, 90)).toBe(false)
    await jobs.take({ worker: 'w', now: 1, leaseMs: 10 })

    expect(await jobs.renew('r-1', 1, 50)).toBe(true)
    expect(await jobs.renew('r-1', 2, 60)).toBe(false)
    expect(await jobs.renew('r-9', 1, 60)).toBe(false)
    expect(await jobs.get('r-1')).toMatchObject({ leaseUntil: 50, version: 2 })
    await jobs.update('r-1', 9, () => [{ type: 'retried', attempt: 1, cause: 'lost', reason: 'lease' }])
    expect(await jobs.renew('r-1', 1, 70)).toBe(false)
    expect(await jobs.get('r-1')).toMatchObject({ state: 'queued', leaseUntil: null })
    await jobs.take({ worker: 'v', now: 80, leaseMs: 10 })
    expect(await jobs.renew('r-1', 1, 999)).toBe(false)
    expect(await jobs.get('r-1')).toMatchObject({ attempt: 2, leaseUntil: 90 })
  })

  it('are kept by every other change, and end with the job', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1'), RULES)
    await jobs.take({ worker: 'w', now: 1, leaseMs: 10 })
    const [start, ...rest] = wayToOk(1)

    expect(await jobs.update('r-1', 2, () => [start!])).toMatchObject({ leaseUntil: 11 })
    expect(await jobs.update('r-1', 2, () => rest)).toMatchObject({ leaseUntil: null })
    expect(await jobs.renew('r-1', 1, 99)).toBe(false)
  })

  it('that have run out are found, the oldest job first', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (let i = 0; i < 4; i += 1) await jobs.submit(sampleJob(`r-${i}`), RULES)
    for (const leaseMs of [30, 10, 20]) await jobs.take({ worker: 'w', now: 100, leaseMs })

    const ids = async (expiredAt?: number) => (await jobs.active(expiredAt)).map(({ id }) => id)

    expect(await ids()).toEqual(['r-0', 'r-1', 'r-2'])
    expect(await ids(110)).toEqual([])
    expect(await ids(121)).toEqual(['r-1', 'r-2'])
    expect(await ids(999)).toEqual(['r-0', 'r-1', 'r-2'])
  })
}
