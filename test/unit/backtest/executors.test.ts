import { describe, test } from 'vitest'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { packDecisions } from '../../../src/backtest/decision-codec.ts'
import { playTimeline, type TimelineInput } from '../../../src/backtest/play-timeline.ts'
import { AnswerMismatch, NO_USER_CODE, replayUserCode } from '../../../src/backtest/user-port.ts'
import { firstDifference } from '../../support/first-difference.ts'
import { randomRun } from '../../support/random-runs.ts'
import { randomPerpRun } from '../../support/random-perp-runs.ts'
import { referenceRun } from '../../support/reference-engine.ts'
import type { ReferenceUsers } from '../../support/reference-engine-users.ts'
import { timelineInput } from '../../support/timeline-input.ts'
import { flat, runOf } from '../rules/rule-case.ts'

type Executor = NonNullable<ReferenceUsers['executor']>

const BARS = [flat(10), [10, 12, 8, 11], flat(11), flat(12)] satisfies Parameters<typeof runOf>[0]['bars']
const ROW = { bar: 0, signal: 'BUY', size: 8, executor: 'iceberg' } as const

function inputOf(executor: Executor): TimelineInput {
  const run = { ...runOf({ bars: BARS, decisions: [ROW] }), users: { executor } }
  return timelineInput(run, { interval: '1h', lookback: 0 })
}

const BRANCHES = ['without room', 'fills nothing', 'with less than a fok wants', 'fills the rest', 'fills a part'].map(
  (name) => `executor ${name}`,
)

const HALVES: Executor = (_name, { quantity }, { low }) => [{ quantity: quantity / 2, price: low }]

describe('executors', () => {
  for (const [market, make] of [
    ['spot', randomRun],
    ['perpetual', randomPerpRun],
  ] as const) {
    test(`agree with the reference engine in random ${market} runs that have some`, ({ expect }) => {
      const differences: string[] = []
      const met = new Map<string, number>()
      let runs = 0
      for (let seed = 1; runs < 40 && seed < 1000; seed++) {
        const run = make(seed)
        if (run.input.users?.executor === undefined) continue
        runs += 1
        run.input.onBranch = (name) => void met.set(name, (met.get(name) ?? 0) + 1)
        const difference = firstDifference(run, referenceRun(run.input))
        if (difference !== null) differences.push(`seed ${seed}: ${difference}`)
      }

      expect(runs).toBe(40)
      expect([...met.keys()]).toEqual(expect.arrayContaining(BRANCHES))
      expect(differences.slice(0, 2).join('\n\n')).toBe('')
    })
  }

  test('are replayed from their answers alone', ({ expect }) => {
    const input = inputOf(HALVES)
    const played = playTimeline(input)
    const log = input.user!.finish()
    const user = replayUserCode(log, createSha256)
    const replayed = playTimeline({ ...input, user })

    user.finish()
    expect(log.ports).toMatchObject([{ port: 'executor', calls: 3 }])
    expect(replayed.records).toEqual(played.records)
  })

  test('need no row of the log where nothing fills', ({ expect }) => {
    const input = inputOf(() => [])
    playTimeline(input)

    expect(input.user!.finish().ports.map(({ calls, call }) => [calls, call.length])).toEqual([[3, 0]])
  })

  test('cannot have been asked something else than the host asks', ({ expect }) => {
    const input = inputOf(HALVES)
    playTimeline(input)
    const { ports, strings } = input.user!.finish()
    const moved = strings.map((text) => text.replace('"quantity":4', '"quantity":3'))
    const user = replayUserCode({ ports, strings: moved }, createSha256)

    expect(() => {
      playTimeline({ ...input, user })
      user.finish()
    }).toThrow(AnswerMismatch)
  })

  test.for([
    ['a price above the high', [{ quantity: 1, price: 12.1 }], 'a price of 12.1, expected 8 to 12'],
    ['a price below the low', [{ quantity: 1, price: 7.9 }], 'a price of 7.9, expected 8 to 12'],
    ['more than the order', [{ quantity: 9, price: 10 }], '9 in all, expected at most 8'],
    ['a quantity of 0', [{ quantity: 0, price: 10 }], 'a quantity of 0, expected more than 0'],
    [
      'too many parts',
      Array.from({ length: 1001 }, () => ({ quantity: 1e-9, price: 10 })),
      '1001 parts, expected at most 1000',
    ],
    ['no list', {}, 'expected an array'],
    ['a part of another shape', [{ quantity: 1 }], 'a part of another shape'],
    ['a part with more', [{ quantity: 1, price: 10, more: 1 }], 'a part of another shape'],
  ] as const)('that answer %s end the run', ([_what, answer, message], { expect }) => {
    const input = inputOf(() => answer as unknown as ReturnType<Executor>)

    expect(() => playTimeline(input)).toThrow(`The executor "iceberg" answered call 0 with`)
    expect(() => playTimeline(inputOf(() => answer as unknown as ReturnType<Executor>))).toThrow(message)
  })

  test.for([
    [
      'one that the run does not have',
      { executor: 'twap' },
      'an executor that the run does not have, expected iceberg',
    ],
    ['one beside an entry type', { entryType: 'limit', entryPrice: 9 }, 'an executor beside another kind of order'],
    ['one in a leg', { leg: 1 }, 'an executor beside another kind of order'],
    ['one of an order', { action: 'order' }, 'an executor beside another kind of order'],
    ['one beside a function', { whenFn: '{"args":{},"fn":"f"}' }, 'an executor beside another kind of order'],
  ] as const)('refuse a log with %s', ([_what, field, message], { expect }) => {
    const row = { unit: 0, symbol: 0, sequence: 0, ...ROW, ...field }
    const input = { ...inputOf(HALVES), decisions: packDecisions([row]), user: NO_USER_CODE }

    expect(() => playTimeline(input)).toThrow(message)
  })
})
