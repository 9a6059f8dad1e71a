import fc from 'fast-check'
import { it } from 'vitest'
import type { Job, JobQuery, JobStore } from '../../orchestrator-service/store/ports.ts'
import { JOB_STATES } from '../../src/protocol/job.ts'
import { finished, sampleJob, wayToOk } from './job-samples.ts'
import type { OpenTestStores } from './job-store-contract.ts'

const RULES = { maxQueued: 1000 }
const STRATEGIES = ['SmaCrossover', 'BuyAndHold'] as const

async function readAll(jobs: JobStore, query: Omit<JobQuery, 'cursor'>, between?: () => Promise<void>): Promise<Job[]> {
  const all: Job[] = []
  let cursor: string | null = null
  do {
    const page: { jobs: Job[]; cursor: string | null } = await jobs.list(cursor === null ? query : { ...query, cursor })
    all.push(...page.jobs)
    cursor = page.cursor
    await between?.()
  } while (cursor !== null)
  return all
}

/** 60 jobs that differ in everything that can be asked for; some share a time, some times go back. */
async function fill(jobs: JobStore): Promise<Job[]> {
  for (let i = 0; i < 60; i += 1) {
    const id = `r-${i}`
    const sample = {
      owner: i % 3 === 0 ? 'bob' : 'ann',
      createdAt: 1000 + Math.floor(i / 2) * (i % 10 === 0 ? 1 : 10),
      strategy: STRATEGIES[i % 2]!,
      symbols: i % 4 === 0 ? ['BTCUSDT', 'ETHUSDT'] : i % 4 === 1 ? ['ETHUSDT'] : ['SOLUSDT'],
      labels: { team: `t${i % 5}`, ...(i % 7 === 0 ? { rare: 'yes' } : {}) },
    }
    await jobs.submit(sampleJob(id, sample), RULES)
    if (i % 6 > 0) await jobs.take({ worker: 'w', now: 1, leaseMs: 9, only: id })
    if (i % 6 === 2) await jobs.update(id, 2, () => wayToOk(1))
    if (i % 6 === 3) await jobs.update(id, 2, () => [finished(1, 'strategy_error', 'threw')])
    if (i % 6 === 4) await jobs.update(id, 2, () => [{ type: 'cancel_requested', by: 'x' }, finished(1, 'cancelled')])
    if (i % 6 === 5) await jobs.update(id, 2, () => wayToOk(1).slice(0, 2))
  }
  return await Promise.all(Array.from({ length: 60 }, async (_, i) => (await jobs.get(`r-${i}`))!))
}

function matches(job: Job, query: JobQuery): boolean {
  return (
    (query.owner === null || job.owner === query.owner) &&
    (query.states === undefined || query.states.includes(job.state)) &&
    (query.strategy === undefined || job.strategy === query.strategy) &&
    (query.symbol === undefined || job.symbols.includes(query.symbol)) &&
    (query.label === undefined || job.labels[query.label.name] === query.label.value) &&
    (query.createdFrom === undefined || job.createdAt >= query.createdFrom) &&
    (query.createdTo === undefined || job.createdAt < query.createdTo)
  )
}

const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
const anyQuery = fc
  .record({
    owner: fc.constantFrom(null, 'ann', 'bob', 'nobody'),
    states: optional(fc.subarray([...JOB_STATES])),
    strategy: optional(fc.constantFrom(...STRATEGIES, 'None')),
    symbol: optional(fc.constantFrom('BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'X')),
    label: optional(
      fc.constantFrom({ name: 'team', value: 't1' }, { name: 'rare', value: 'yes' }, { name: 'rare', value: 't1' }),
    ),
    createdFrom: optional(fc.integer({ min: 990, max: 1300 })),
    createdTo: optional(fc.integer({ min: 990, max: 1300 })),
    limit: fc.integer({ min: 1, max: 70 }),
  })
  .map((query) => Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as typeof query)
  .map((query) => query as unknown as Omit<JobQuery, 'cursor'>)

export function registerListContract(open: OpenTestStores): void {
  it('finds exactly what is asked for, newest first, whatever the size of the page', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    const all = await fill(jobs)
    const newestFirst = [...all].sort((a, b) => b.createdAt - a.createdAt || b.sequence - a.sequence)

    await fc.assert(
      fc.asyncProperty(anyQuery, async (query) => {
        const expected = newestFirst.filter((job) => matches(job, query))
        expect(await readAll(jobs, query)).toEqual(expected)
      }),
      { numRuns: 400 },
    )
  })

  it('loses and doubles no job while others come, go and change', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (let i = 0; i < 40; i += 1) await jobs.submit(sampleJob(`r-${i}`, { createdAt: 1000 + (i >> 2) }), RULES)
    let more = 0
    const between = async (): Promise<void> => {
      more += 1
      await jobs.submit(sampleJob(`n-${more}`, { createdAt: 1005 + more }), RULES)
      await jobs.take({ worker: 'w', now: 1, leaseMs: 1, only: `r-${more}` })
    }

    const seen = (await readAll(jobs, { owner: 'ann', limit: 3 }, between)).map(({ id }) => id)

    expect(new Set(seen).size).toBe(seen.length)
    expect(more).toBeGreaterThan(10)
    for (let i = 0; i < 40; i += 1) expect(seen).toContain(`r-${i}`)
  })

  it('goes on after a job that was deleted meanwhile', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    for (let i = 0; i < 4; i += 1) await jobs.submit(sampleJob(`r-${i}`), RULES)
    const { cursor } = await jobs.list({ owner: null, limit: 2 })
    await jobs.update('r-2', 2, () => [{ type: 'cancel_requested', by: 'x' }, finished(0, 'cancelled')])
    await jobs.delete('r-2')

    const rest = await jobs.list({ owner: null, limit: 2, cursor: cursor! })

    expect(rest.jobs.map(({ id }) => id)).toEqual(['r-1', 'r-0'])
    expect(rest.cursor).toBeNull()
  })

  it.for(['', 'x', 'MToxMDI6', '1:2:3', 'MTpOYU46MQ', 'MToxMDI6Mw==', 'a'.repeat(10_000)])(
    'refuses the cursor "%.20s"',
    async (cursor, { expect }) => {
      await using test = await open()

      const list = test.stores.jobs.list({ owner: null, limit: 2, cursor })

      await expect(list).rejects.toMatchObject({ code: 'invalid_request' })
    },
  )

  it('does not take a state that is no state for "any"', async ({ expect }) => {
    await using test = await open()
    const { jobs } = test.stores
    await jobs.submit(sampleJob('r-1'), RULES)

    expect(await jobs.list({ owner: null, states: [], limit: 2 })).toEqual({ jobs: [], damaged: [], cursor: null })
  })
}
