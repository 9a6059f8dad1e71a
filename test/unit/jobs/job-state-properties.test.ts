import fc from 'fast-check'
import { describe, it } from 'vitest'
import {
  type JobEvent,
  type JobStatus,
  NO_STATUS,
  rebuild,
  transition,
} from '../../../orchestrator-service/jobs/job-state.ts'
import { PlatformError } from '../../../src/errors.ts'
import { isFinal, JOB_STATES } from '../../../src/protocol/job.ts'
import { OUTCOME_KINDS, OUTCOME_REASONS } from '../../../src/protocol/outcome.ts'
import { finished, SAMPLE_CELL } from '../../support/job-samples.ts'

const outcome = fc
  .constantFrom(...OUTCOME_KINDS, 'ok', 'ok', 'cancelled')
  .chain((kind) => fc.constantFrom<string | null>(null, ...OUTCOME_REASONS[kind]).map((reason) => ({ kind, reason })))
/** Mostly words of the attempt that is on, so that many stories come to an end; some of a former or a future one. */
const anyWord = fc.record({
  type: fc.constantFrom<JobEvent['type'][]>(
    ...(['taken', 'started', 'fed', 'answered', 'finished', 'taken', 'started', 'answered', 'finished'] as const),
    ...(['submitted', 'retried', 'cancel_requested', 'fed', 'adopted', 'reused'] as const),
  ),
  offset: fc.constantFrom(0, 0, 0, 0, 0, 0, -1, 1),
  outcome,
})
type Word = typeof anyWord extends fc.Arbitrary<infer W> ? W : never

function say({ type, offset, outcome }: Word, status: JobStatus): JobEvent {
  const attempt = status.attempt + offset
  switch (type) {
    case 'submitted':
      return { type }
    case 'cancel_requested':
      return { type, by: 'ann' }
    case 'taken':
      return { type, attempt: attempt + 1, worker: 'w' }
    case 'started':
      return { type, attempt, cell: SAMPLE_CELL, deadline: 1 }
    case 'retried':
      return { type, attempt, cause: 'lost', reason: 'x' }
    case 'finished':
      return finished(attempt, outcome.kind, outcome.reason)
    case 'adopted':
      return { type, attempt, worker: 'v', cause: 'lost' }
    case 'reused':
      return { type, attempt, source: 'r-other' }
    case 'fed':
    case 'answered':
      return { type, attempt }
  }
}

/** Plays events into a new job; those that are refused change nothing. */
function play(words: readonly Word[]): { accepted: JobEvent[]; steps: JobStatus[] } {
  const accepted: JobEvent[] = [{ type: 'submitted' }]
  const steps: JobStatus[] = [NO_STATUS]
  for (const word of words) {
    const event = say(word, steps.at(-1)!)
    try {
      steps.push(transition(steps.at(-1)!, event))
      accepted.push(event)
    } catch (error) {
      if (!(error instanceof PlatformError) || !['stale_attempt', 'invariant'].includes(error.code)) throw error
    }
  }
  return { accepted, steps }
}

const story = fc.array(anyWord, { maxLength: 40, size: 'max' })
const RUNS = { numRuns: 2000 }

describe('any sequence of events', () => {
  it('is rebuilt from what was accepted', ({ expect }) => {
    fc.assert(
      fc.property(story, (words) => {
        const { accepted, steps } = play(words)
        expect(rebuild(accepted)).toEqual(steps.at(-1))
      }),
      RUNS,
    )
  })

  it('has one end at most, and nothing after it', ({ expect }) => {
    fc.assert(
      fc.property(story, (words) => {
        const { accepted, steps } = play(words)
        const ends = accepted.filter(({ type }) => type === 'finished')
        expect(ends.length).toBe(isFinal(steps.at(-1)!.state) ? 1 : 0)
        if (ends.length === 1) expect(accepted.at(-1)).toBe(ends[0])
      }),
      RUNS,
    )
  })

  it('never lowers the attempt, and raises it by one with each taking only', ({ expect }) => {
    fc.assert(
      fc.property(story, (words) => {
        const { accepted, steps } = play(words)
        for (let i = 1; i < steps.length; i += 1)
          expect(steps[i]!.attempt - steps[i - 1]!.attempt).toBe(accepted[i]!.type === 'taken' ? 1 : 0)
      }),
      RUNS,
    )
  })

  it('ends as cancelled exactly when a cancel was asked for', ({ expect }) => {
    fc.assert(
      fc.property(story, (words) => {
        const { accepted, steps } = play(words)
        const last = steps.at(-1)!
        const asked = accepted.some(({ type }) => type === 'cancel_requested')
        expect(last.cancelRequested).toBe(asked)
        if (isFinal(last.state)) expect(last.state === 'cancelled').toBe(asked)
      }),
      RUNS,
    )
  })

  it('knows a worker while the job is held, and a cell or the result of another run only after that', ({ expect }) => {
    fc.assert(
      fc.property(story, (words) => {
        for (const { state, worker, cell, deadline, cachedFrom } of play(words).steps) {
          if (state === 'queued') expect([worker, cell, deadline]).toEqual([null, null, null])
          if (['preparing', 'running', 'verifying'].includes(state)) expect(worker).not.toBeNull()
          if (['running', 'verifying', 'completed'].includes(state)) expect(cell ?? cachedFrom).not.toBeNull()
          if (cachedFrom !== null) expect(cell).toBeNull()
        }
      }),
      RUNS,
    )
  })
})

describe('the stories told here', () => {
  it('reach every state', ({ expect }) => {
    const stories = fc.sample(story, { seed: 7, numRuns: RUNS.numRuns })

    const seen = new Set(stories.flatMap((words) => play(words).steps.map(({ state }) => state)))

    expect([...seen].sort()).toEqual([...JOB_STATES].sort())
  })
})

describe('rebuild()', () => {
  it('refuses a log without events, and one that begins otherwise than with "submitted"', ({ expect }) => {
    expect(() => rebuild([])).toThrow(/no events/)
    fc.assert(
      fc.property(anyWord, (word) => {
        const event = say(word, NO_STATUS)
        if (event.type !== 'submitted') expect(() => rebuild([event])).toThrow(/new/)
      }),
    )
  })
})
