import { describe, it } from 'vitest'
import {
  finalState,
  countRetries,
  isRetryable,
  type RetryCause,
  type JobEvent,
  type JobStatus,
  MAX_RETRIES,
  NO_STATUS,
  rebuild,
  transition,
} from '../../../orchestrator-service/jobs/job-state.ts'
import { PlatformError } from '../../../src/errors.ts'
import { FINAL_STATES, JOB_STATES } from '../../../src/protocol/job.ts'
import { OUTCOME_KINDS, OUTCOME_REASONS } from '../../../src/protocol/outcome.ts'
import { finished, SAMPLE_CELL, wayToOk } from '../../support/job-samples.ts'

const SUBMITTED: JobEvent = { type: 'submitted' }
const TAKEN: JobEvent = { type: 'taken', attempt: 1, worker: 'w' }
const CANCEL: JobEvent = { type: 'cancel_requested', by: 'ann' }
const STARTED: JobEvent = { type: 'started', attempt: 1, cell: SAMPLE_CELL, deadline: 9 }
const FED: JobEvent = { type: 'fed', attempt: 1 }
const ANSWERED: JobEvent = { type: 'answered', attempt: 1 }
const RETRIED: JobEvent = { type: 'retried', attempt: 1, cause: 'lost', reason: 'lease' }

/** What brings a new job to each state, at attempt 1 where it was taken. */
const WAYS = {
  new: [],
  queued: [SUBMITTED],
  'queued again': [SUBMITTED, TAKEN, STARTED, FED, RETRIED],
  preparing: [SUBMITTED, TAKEN],
  running: [SUBMITTED, TAKEN, STARTED],
  'running, fed': [SUBMITTED, TAKEN, STARTED, FED],
  verifying: [SUBMITTED, TAKEN, STARTED, FED, ANSWERED],
  'verifying, cancel requested': [SUBMITTED, TAKEN, STARTED, FED, ANSWERED, CANCEL],
  completed: [SUBMITTED, TAKEN, ...wayToOk(1)],
  failed: [SUBMITTED, TAKEN, finished(1, 'strategy_error', 'threw')],
  cancelled: [SUBMITTED, CANCEL, finished(0, 'cancelled')],
  timed_out: [SUBMITTED, TAKEN, STARTED, finished(1, 'limit_exceeded', 'wall_time')],
} as const satisfies Record<string, readonly JobEvent[]>
type Place = keyof typeof WAYS

function codeOf(step: () => unknown): string {
  try {
    step()
  } catch (error) {
    return error instanceof PlatformError ? error.code : `other error: ${String(error)}`
  }
  return 'no error'
}

function statusAt(place: Place): JobStatus | null {
  return place === 'new' ? null : rebuild(WAYS[place])
}

/** Each event with what comes of it where it is allowed, and where it is a word out of turn; elsewhere it is stale. */
const TABLE: readonly {
  name: string
  event: (attempt: number) => JobEvent
  leadsTo: Partial<Record<Place, JobStatus['state']>>
  outOfOrder: readonly Place[]
}[] = [
  {
    name: 'submitted',
    event: () => SUBMITTED,
    leadsTo: { new: 'queued' },
    outOfOrder: [
      'queued',
      'queued again',
      'preparing',
      'running',
      'running, fed',
      'verifying',
      'verifying, cancel requested',
    ],
  },
  {
    name: 'taken',
    event: (attempt) => ({ type: 'taken', attempt: attempt + 1, worker: 'w' }),
    leadsTo: { queued: 'preparing', 'queued again': 'preparing' },
    outOfOrder: ['new'],
  },
  {
    name: 'started',
    event: (attempt) => ({ type: 'started', attempt, cell: SAMPLE_CELL, deadline: 9 }),
    leadsTo: { preparing: 'running' },
    outOfOrder: ['new', 'running', 'running, fed', 'verifying', 'verifying, cancel requested'],
  },
  {
    name: 'fed',
    event: (attempt) => ({ type: 'fed', attempt }),
    leadsTo: { running: 'running' },
    outOfOrder: ['new', 'preparing', 'running, fed', 'verifying', 'verifying, cancel requested'],
  },
  {
    name: 'answered',
    event: (attempt) => ({ type: 'answered', attempt }),
    leadsTo: { running: 'verifying', 'running, fed': 'verifying' },
    outOfOrder: ['new', 'preparing', 'verifying', 'verifying, cancel requested'],
  },
  {
    name: 'retried',
    event: (attempt) => ({ type: 'retried', attempt, cause: 'lost', reason: 'lease' }),
    leadsTo: {
      preparing: 'queued',
      running: 'queued',
      'running, fed': 'queued',
      verifying: 'queued',
      'verifying, cancel requested': 'queued',
    },
    outOfOrder: ['new'],
  },
  {
    name: 'cancel_requested',
    event: () => CANCEL,
    leadsTo: {
      queued: 'queued',
      'queued again': 'queued',
      preparing: 'preparing',
      running: 'running',
      'running, fed': 'running',
      verifying: 'verifying',
      'verifying, cancel requested': 'verifying',
    },
    outOfOrder: ['new'],
  },
  {
    name: 'finished(ok)',
    event: (attempt) => finished(attempt, 'ok'),
    leadsTo: { verifying: 'completed' },
    outOfOrder: ['new', 'preparing', 'running', 'running, fed', 'verifying, cancel requested'],
  },
  {
    name: 'finished(strategy_error)',
    event: (attempt) => finished(attempt, 'strategy_error', 'threw'),
    leadsTo: { preparing: 'failed', running: 'failed', 'running, fed': 'failed', verifying: 'failed' },
    outOfOrder: ['new', 'verifying, cancel requested'],
  },
  {
    name: 'finished(wall_time)',
    event: (attempt) => finished(attempt, 'limit_exceeded', 'wall_time'),
    leadsTo: { preparing: 'timed_out', running: 'timed_out', 'running, fed': 'timed_out', verifying: 'timed_out' },
    outOfOrder: ['new', 'verifying, cancel requested'],
  },
  {
    name: 'finished(cancelled)',
    event: (attempt) => finished(attempt, 'cancelled'),
    leadsTo: { 'verifying, cancel requested': 'cancelled' },
    outOfOrder: ['new', 'queued', 'queued again', 'preparing', 'running', 'running, fed', 'verifying'],
  },
]

describe('transition()', () => {
  const places = Object.keys(WAYS) as Place[]
  it.for(TABLE.flatMap((line) => places.map((place) => ({ ...line, place }))))(
    'answers "$name" on a job that is $place',
    ({ event, leadsTo, outOfOrder, place }, { expect }) => {
      const status = statusAt(place)
      const step = () => transition(status, event(status?.attempt ?? 1))

      const expected = leadsTo[place]
      if (expected !== undefined) expect(step().state).toBe(expected)
      else expect(codeOf(step)).toBe(outOfOrder.includes(place) ? 'invariant' : 'stale_attempt')
    },
  )

  it('knows a way to every state', ({ expect }) => {
    const reached = places.map((place) => statusAt(place)?.state)

    for (const state of JOB_STATES) expect(reached, state).toContain(state)
  })

  it.for(['queued again', 'preparing', 'running', 'running, fed', 'verifying'] as const)(
    'lets a former or future attempt change nothing of a job that is %s',
    (place, { expect }) => {
      const status = statusAt(place)!

      for (const attempt of [0, 2, 3])
        for (const { event, name } of TABLE) {
          const late = event(attempt)
          if (!('attempt' in late) || late.attempt === status.attempt || late.type === 'taken') continue
          expect(
            codeOf(() => transition(status, late)),
            `${name} of attempt ${attempt}`,
          ).toBe('stale_attempt')
        }
    },
  )

  it('takes a job only as the attempt after the last one', ({ expect }) => {
    const status = statusAt('queued again')!

    for (const attempt of [0, 1, 3])
      expect(codeOf(() => transition(status, { type: 'taken', attempt, worker: 'w' }))).toBe('stale_attempt')
    expect(transition(status, { type: 'taken', attempt: 2, worker: 'v' })).toMatchObject({ attempt: 2, worker: 'v' })
  })

  it('forgets the cell of an attempt that is retried, and keeps its number', ({ expect }) => {
    expect(statusAt('queued again')).toEqual({ ...NO_STATUS, attempt: 1 })
  })

  it('never changes the status it is given', ({ expect }) => {
    for (const place of places)
      for (const { event } of TABLE) {
        const status = statusAt(place)
        if (status === null) continue
        const frozen = Object.freeze({ ...status })
        expect(() => codeOf(() => transition(frozen, event(frozen.attempt)))).not.toThrow()
        expect(frozen).toEqual(status)
      }
  })
})

describe('finalState()', () => {
  it('is final for every outcome, and completed for ok alone', ({ expect }) => {
    for (const kind of OUTCOME_KINDS)
      for (const reason of [null, ...OUTCOME_REASONS[kind]]) {
        const state = finalState({ kind, reason })
        expect(FINAL_STATES).toContain(state)
        expect(state === 'completed').toBe(kind === 'ok')
        expect(state === 'cancelled').toBe(kind === 'cancelled')
        expect(state === 'timed_out').toBe(kind === 'limit_exceeded' && reason === 'wall_time')
      }
  })
})

describe('isRetryable()', () => {
  it('is true of platform_error(infra) alone, and not of a job that is to be cancelled', ({ expect }) => {
    const status = statusAt('running')!
    const infra = { kind: 'platform_error', reason: 'infra' } as const

    for (const kind of OUTCOME_KINDS)
      for (const reason of [null, ...OUTCOME_REASONS[kind]])
        expect(isRetryable(status, { kind, reason })).toBe(kind === 'platform_error' && reason === 'infra')
    expect(isRetryable({ cancelRequested: true }, infra)).toBe(false)
  })
})

describe('countRetries()', () => {
  it('counts each cause for itself, and each has its bound', ({ expect }) => {
    const retried = (cause: RetryCause, times: number): JobEvent[] =>
      Array.from({ length: times }, (_, i) => ({ type: 'retried', attempt: i + 1, cause, reason: 'x' }))

    expect(countRetries([...retried('infra', 2), ...retried('engine', 3), ...retried('lost', 4)])).toEqual({
      infra: 2,
      engine: 3,
      disk: 0,
      lost: 4,
      released: 0,
    })
    expect(MAX_RETRIES).toEqual({ infra: 2, engine: 20, disk: 20, lost: 20, released: Infinity })
  })
})

describe('adopted', () => {
  it('changes the holder of a cell that is fed, and nothing else', ({ expect }) => {
    const adopted: JobEvent = { type: 'adopted', attempt: 1, worker: 'other', cause: 'engine' }
    const running = statusAt('running')!

    expect(transition({ ...running, fed: true }, adopted)).toEqual({ ...running, fed: true, worker: 'other' })
    expect(() => transition({ ...running, fed: false }, adopted)).toThrow(/adopted/)
  })
})
