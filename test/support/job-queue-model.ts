import fc from 'fast-check'
import { it } from 'vitest'
import { type JobEvent, rebuild } from '../../orchestrator-service/jobs/job-state.ts'
import type { JobStore } from '../../orchestrator-service/store/ports.ts'
import { isFinal } from '../../src/protocol/job.ts'
import { finished, sampleJob, wayToOk } from './job-samples.ts'
import type { OpenTestStores } from './job-store-contract.ts'

/** What a test remembers of a job: enough to say which one is next. */
interface ModelJob {
  readonly id: string
  readonly owner: string
  readonly priority: number
  readonly age: number
  /** Turns of its owner before it, counted from the jobs that waited when it came. */
  readonly round: number
  state: 'waiting' | 'held' | 'ended'
  attempt: number
}

type Step =
  | { readonly type: 'submit'; readonly owner: string; readonly priority: number }
  | { readonly type: 'take' }
  | { readonly type: 'ok' | 'retry' | 'cancel'; readonly pick: number }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('submit'),
      owner: fc.constantFrom('ann', 'bob', 'eve'),
      priority: fc.integer({ min: -1, max: 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ type: 'take' }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom('ok', 'retry', 'cancel'), pick: fc.nat({ max: 1000 }) }),
  },
)

class Model {
  readonly jobs: ModelJob[] = []

  next(): ModelJob | undefined {
    return this.waiting()[0]
  }

  waiting(): ModelJob[] {
    const waiting = this.jobs.filter(({ state }) => state === 'waiting')
    return waiting.sort((a, b) => b.priority - a.priority || a.round - b.round || a.age - b.age)
  }

  /** A turn after the owner's last one, or the turn that is being taken: by those never taken, else the last that was. */
  roundOf(owner: string, priority: number): number {
    const same = this.waiting().filter((job) => job.priority === priority)
    const begun = this.jobs.filter((job) => job.priority === priority && job.state !== 'ended')
    const current = same.find(({ attempt }) => attempt === 0)?.round ?? Math.max(0, ...begun.map(({ round }) => round))
    return Math.max(current, ...same.filter((job) => job.owner === owner).map(({ round }) => round + 1))
  }

  pick(states: readonly ModelJob['state'][], index: number): ModelJob | undefined {
    const jobs = this.jobs.filter(({ state }) => states.includes(state))
    return jobs[index % Math.max(1, jobs.length)]
  }
}

type Expect = (value: unknown) => { toBe(expected: unknown): void; toEqual(expected: unknown): void }

async function play(step: Step, { model, jobs, expect }: { model: Model; jobs: JobStore; expect: Expect }) {
  if (step.type === 'submit') {
    const age = model.jobs.length
    const id = `r-${age}`
    const { owner, priority } = step
    const round = model.roundOf(owner, priority)
    await jobs.submit(sampleJob(id, { owner, priority, createdAt: 1000 - age }), { maxQueued: 1000 })
    model.jobs.push({ id, owner, priority, age, round, state: 'waiting', attempt: 0 })
  } else if (step.type === 'take') {
    const expected = model.next()
    const taken = await jobs.take({ worker: 'w', now: 1, leaseMs: 10 })
    expect(taken?.id).toBe(expected?.id)
    if (expected === undefined) return
    expected.state = 'held'
    expected.attempt += 1
    expect(taken?.attempt).toBe(expected.attempt)
  } else {
    const chosen = model.pick(step.type === 'cancel' ? ['held', 'waiting'] : ['held'], step.pick)
    if (chosen === undefined) return
    const { attempt } = chosen
    const events: Readonly<Record<typeof step.type, readonly JobEvent[]>> = {
      ok: wayToOk(attempt),
      retry: [{ type: 'retried', attempt, cause: 'lost', reason: 'lease' }],
      cancel: [{ type: 'cancel_requested', by: 'ann' }, finished(attempt, 'cancelled')],
    }
    await jobs.update(chosen.id, 2, () => events[step.type])
    chosen.state = step.type === 'retry' ? 'waiting' : 'ended'
  }
}

export function registerQueueModel(open: OpenTestStores): void {
  it('explains every order by priority, turns of owners, then age; the log alone rebuilds every job', async ({
    expect,
  }) => {
    await using test = await open()
    const { jobs } = test.stores
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 60, size: 'max' }), async (steps) => {
        round += 1
        const model = new Model()
        const own = renamed(jobs, `${round}-`)
        for (const step of steps) await play(step, { model, jobs: own, expect })

        for (const [position, { id }] of model.waiting().entries()) expect(await own.position(id)).toBe(position)
        for (const { id, state, attempt } of model.jobs) {
          const job = (await own.get(id))!
          const events = await own.events(id)
          expect(job).toMatchObject({ attempt, version: events.length })
          expect(job).toMatchObject(rebuild(events.map(({ event }) => event)))
          expect(isFinal(job.state)).toBe(state === 'ended')
        }
        await drain(jobs)
      }),
      { numRuns: 60 },
    )
  })
}

/** One store serves every round: ids get a name of the round in front. */
function renamed(jobs: JobStore, prefix: string): Pick<JobStore, keyof JobStore> {
  return {
    ...jobs,
    submit: async (job, rules) => await jobs.submit({ ...job, id: `${prefix}${job.id}` }, rules),
    get: async (id) => await jobs.get(`${prefix}${id}`),
    events: async (id, after) => await jobs.events(`${prefix}${id}`, after),
    position: async (id) => await jobs.position(`${prefix}${id}`),
    update: async (id, now, decide) => await jobs.update(`${prefix}${id}`, now, decide),
    take: async (options) => {
      const job = await jobs.take(options)
      return job === null ? null : { ...job, id: job.id.slice(prefix.length) }
    },
  }
}

async function drain(jobs: JobStore): Promise<void> {
  const options = { worker: 'w', now: 1, leaseMs: 10 }
  for (let job = await jobs.take(options); job !== null; job = await jobs.take(options)) {
    const { id, attempt } = job
    await jobs.update(id, 2, () => [finished(attempt, 'strategy_error', 'threw')])
  }
}
