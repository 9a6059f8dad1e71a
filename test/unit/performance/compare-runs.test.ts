import fc from 'fast-check'
import { describe, test } from 'vitest'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { INTERVALS, isOnGrid, slotOf, slotOpen, type Interval } from '../../../src/candles/interval.ts'
import { commonWindow, type Span } from '../../../src/performance/common-window.ts'
import { compareRuns, type ComparedRun } from '../../../src/performance/compare-runs.ts'
import { deflatedSharpe, sharpePerPeriod } from '../../../src/performance/deflated-sharpe.ts'
import { equityMetrics } from '../../../src/performance/equity-metrics.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = 19_723 * DAY // 2024-01-01

/** E that moves as `step` says, from 10,000. */
function runOf(
  id: string,
  options: { interval?: Interval; firstDay: number; days: number; step?: (bar: number) => number },
): ComparedRun {
  const { interval = '1d', firstDay, days, step = () => 1 } = options
  const start = START + firstDay * DAY
  const bars = interval === '1h' ? days * 24 : days
  const equity = new Float64Array(bars)
  for (let bar = 0; bar < bars; bar++) equity[bar] = (bar === 0 ? 10_000 : equity[bar - 1]!) * step(bar)
  return {
    id,
    interval,
    window: { start, end: start + days * DAY },
    initialCash: 10_000,
    equity,
    benchmark: equity.map((value) => value * 2),
    benchmarkDays: null,
    trades: {
      exitTime: Float64Array.of(start, start + (days / 2) * DAY, start + (days - 1) * DAY),
      netPnl: Float64Array.of(100, -50, 25),
    },
    quote: 'USDT',
  }
}

const wave = (bar: number) => 1 + ((bar % 7) - 3) / 400 + 0.0005
const rough = (bar: number) => 1 + ((bar % 5) - 2) / 300

function compare(runs: readonly ComparedRun[], trials: readonly number[] = []) {
  return compareRuns({
    runs,
    periodsPerYear: 365,
    riskFree: 0.01,
    seed: '7',
    trials: Float64Array.from(trials),
    createHasher: createSha256,
  })
}

describe('compareRuns()', () => {
  test('measures each run again over the common window, from the equity it had there', ({ expect }) => {
    const daily = runOf('a', { firstDay: 0, days: 100, step: wave })
    const hourly = runOf('b', { interval: '1h', firstDay: 10, days: 60, step: (bar) => 1 + ((bar % 11) - 5) / 5000 })

    const { window, runs, days } = compare([daily, hourly])

    expect(window).toEqual({ start: START + 10 * DAY, end: START + 70 * DAY })
    expect(days).toHaveLength(61)
    expect(runs[0]!.initialEquity).toBe(daily.equity[9])
    const firstSlot = slotOf('1d', window.start)
    const alone = equityMetrics({
      interval: '1d',
      window: { ...window, firstSlot, endSlot: firstSlot + 60 },
      initialCash: daily.equity[9]!,
      equity: daily.equity.slice(10, 70),
      periodsPerYear: 365,
      riskFree: 0.01,
    })
    expect(runs[0]!.metrics).toMatchObject(alone.metrics)
    expect(runs[0]!.normalised[60]).toBe(daily.equity[69]! / daily.equity[9]!)
    // Of the exits on days 0, 50 and 99 only the second lies in the window
    expect(runs[0]!.counts).toMatchObject({ trades: 1, losses: 1 })
  })

  test('says of a run and itself that they are the same', ({ expect }) => {
    const a = runOf('a', { firstDay: 0, days: 90, step: wave })

    const { pairs, runs } = compare([a, { ...a, id: 'b' }])

    expect(pairs).toHaveLength(1)
    expect(pairs[0]!.correlation).toBeCloseTo(1, 12)
    expect(pairs[0]).toMatchObject({
      drawdownOverlap: 1,
      meanDifference: 0,
      interval: { low: 0, high: 0 },
      reason: null,
    })
    expect(runs[0]!.metrics).toEqual(runs[1]!.metrics)
  })

  test('has every pair of five runs once', ({ expect }) => {
    const five = ['a', 'b', 'c', 'd', 'e'].map((id) => runOf(id, { firstDay: 0, days: 30, step: rough }))

    expect(compare(five).pairs.map(({ a, b }) => `${a}${b}`)).toEqual([
      '01',
      '02',
      '03',
      '04',
      '12',
      '13',
      '14',
      '23',
      '24',
      '34',
    ])
  })

  test('states no interval under 60 returns, and no ratio under 20', ({ expect }) => {
    const of = (days: number) =>
      compare([runOf('a', { firstDay: 0, days, step: wave }), runOf('b', { firstDay: 0, days, step: rough })]).pairs[0]!

    expect(of(59)).toMatchObject({ interval: null, reason: 'few_returns', n: 59 })
    expect(of(59).correlation).not.toBeNull()
    expect(of(60)).toMatchObject({ reason: null })
    expect(of(19)).toMatchObject({ correlation: null, meanDifference: null, reason: 'few_returns' })
  })

  test('says that a run which never moves is correlated with nothing', ({ expect }) => {
    const pair = compare([runOf('a', { firstDay: 0, days: 80 }), runOf('b', { firstDay: 0, days: 80, step: rough })])
      .pairs[0]!

    expect(pair).toMatchObject({ correlation: null, reason: 'zero_vol' })
    expect(pair.meanDifference).not.toBeNull()
  })

  test.for([
    [
      'quote currencies',
      () => [runOf('a', { firstDay: 0, days: 30 }), { ...runOf('b', { firstDay: 0, days: 30 }), quote: 'EUR' }],
      /USDT and EUR/,
    ],
    [
      'windows that do not meet',
      () => [runOf('a', { firstDay: 0, days: 30 }), runOf('b', { firstDay: 30, days: 30 })],
      /no whole bars/,
    ],
    [
      'a run bankrupt before',
      () => [runOf('a', { firstDay: 0, days: 30, step: () => 0 }), runOf('b', { firstDay: 10, days: 30 })],
      /bankrupt/,
    ],
  ] as const)('refuses %s', ([, runs, message], { expect }) => {
    expect(() => compare(runs())).toThrow(message)
  })
})

describe('deflatedSharpe()', () => {
  const daily = (run: ComparedRun) => Float64Array.of(run.initialCash, ...run.equity)

  test('falls with the number of trials', ({ expect }) => {
    const equity = daily(runOf('a', { firstDay: 0, days: 200, step: wave }))
    const own = sharpePerPeriod(equity)!
    const few = deflatedSharpe(equity, Float64Array.of(own, 0.05, -0.05)).value!
    const many = deflatedSharpe(
      equity,
      Float64Array.of(own, ...Array.from({ length: 60 }, (_, i) => (i % 2 ? 0.05 : -0.05))),
    ).value!

    expect(few).toBeGreaterThan(many)
    expect(deflatedSharpe(equity, Float64Array.of(own))).toMatchObject({ value: null, reason: 'no_trials' })
  })

  test('counts no run as a trial whose ratio cannot be stated', ({ expect }) => {
    expect(sharpePerPeriod(daily(runOf('a', { firstDay: 0, days: 19, step: wave })))).toBeNull()
    expect(sharpePerPeriod(daily(runOf('a', { firstDay: 0, days: 40 })))).toBeNull()
    expect(sharpePerPeriod(Float64Array.of(...Array.from({ length: 30 }, () => 100), 0))).toBeNull()
  })
})

/** The first and the last time on the bars of all intervals that lies in all windows: bar by bar of the longest interval. */
function searchedWindow(runs: readonly { window: Span; interval: Interval }[]): Span | null {
  const latest = Math.max(...runs.map(({ window }) => window.start))
  const earliest = Math.min(...runs.map(({ window }) => window.end))
  const longest = INTERVALS[Math.max(...runs.map(({ interval }) => INTERVALS.indexOf(interval)))]!
  const times: number[] = []
  for (let slot = slotOf(longest, latest); slotOpen(longest, slot) <= earliest; slot++) {
    const time = slotOpen(longest, slot)
    if (time >= latest && runs.every(({ interval }) => isOnGrid(interval, time))) times.push(time)
  }
  return times.length < 2 ? null : { start: times[0]!, end: times.at(-1)! }
}

test('commonWindow() is the longest span on the bars of all intervals and inside all windows', ({ expect }) => {
  const DAYS = 400
  const span = fc.tuple(fc.constantFrom(...INTERVALS), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(DAYS))
  const seen = { found: 0, none: 0 }
  fc.assert(
    fc.property(fc.array(span, { minLength: 2, maxLength: 5 }), (spans) => {
      const runs = spans.map(([interval, from, days]) => {
        const first = slotOf(interval, START + Math.floor(from * DAYS * DAY))
        const end = Math.max(first + 1, slotOf(interval, slotOpen(interval, first) + days * DAY))
        return { interval, window: { start: slotOpen(interval, first), end: slotOpen(interval, end) } }
      })

      const common = commonWindow(runs)

      expect(common).toEqual(searchedWindow(runs))
      seen[common === null ? 'none' : 'found'] += 1
    }),
    { numRuns: 500 },
  )
  expect(Math.min(seen.found, seen.none)).toBeGreaterThan(50)
})
