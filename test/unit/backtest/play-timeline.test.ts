import fc from 'fast-check'
import { describe, test } from 'vitest'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { packDecisions, unpackDecisions } from '../../../src/backtest/decision-codec.ts'
import { inputOf, play, seriesOf, type Ask, type Bar, type Play } from './fixtures.ts'

const price = fc.integer({ min: 80, max: 120 })
const bar: fc.Arbitrary<Bar | null> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 9,
    arbitrary: fc
      .tuple(price, price, price, price, fc.integer({ min: 0, max: 5 }))
      .map(([a, b, c, d, volume]) => [b, Math.max(a, b, c, d), Math.min(a, b, c, d), c, volume] as const),
  },
)

const BARS = 40
const bracket = fc.oneof(
  fc.constant({}),
  fc.record({ tpPct: fc.integer({ min: 1, max: 10 }), slPct: fc.integer({ min: 1, max: 10 }) }),
)
const ask = fc
  .tuple(
    fc.nat(BARS - 1),
    fc.nat(2),
    fc.nat(5),
    fc.constantFrom('BUY' as const, 'SELL' as const),
    fc.oneof(fc.constant({}), fc.record({ entryPrice: price })),
    bracket,
    fc.oneof(fc.constant({}), fc.record({ size: fc.integer({ min: 1, max: 30 }) }), fc.record({ rank: fc.nat(2) })),
  )
  .map(([at, symbol, sequence, signal, entry, exits, more]): Ask => {
    return { bar: at, symbol, sequence, signal, ...entry, ...exits, ...more }
  })

const randomPlay: fc.Arbitrary<Play> = fc
  .record({
    bars: fc.array(fc.array(bar, { minLength: BARS, maxLength: BARS }), { minLength: 3, maxLength: 3 }),
    asks: fc.uniqueArray(ask, {
      maxLength: 60,
      selector: (one) => `${one.bar}/${one.symbol}/${one.sequence}`,
    }),
    bps: fc.constantFrom(0, 7),
    max: fc.integer({ min: 1, max: 5 }),
    onSame: fc.constantFrom('ignore' as const, 'add' as const, 'replace' as const),
    onShortfall: fc.constantFrom('shrink' as const, 'refuse' as const),
    retryBars: fc.nat(2),
    endOfData: fc.constantFrom('open' as const, 'close' as const),
  })
  .map(({ bars, asks, bps, max, onSame, onShortfall, retryBars, endOfData }) => {
    const series = bars.map((column, i) => seriesOf(`S${i}`, [[100, 100, 100, 100], ...column]))
    const config = {
      fee: 0.001,
      bps,
      max,
      percent: 70,
      endOfData,
      execution: { onSame, onShortfall, retryBars, maxWaitBars: 2 },
    }
    return { series, asks: asks.filter((one) => one.bar < series[one.symbol!]!.rows), config }
  })

describe('playTimeline()', () => {
  test('keeps both sums of the ledger equal and cash at or above 0 over random order streams', ({ expect }) => {
    fc.assert(
      fc.property(randomPlay, (options) => {
        const out = play(options)

        expect(out.breach).toBe(null)
        for (const record of decodeRecords(out.records)) expect(record.cash).toBeGreaterThanOrEqual(-1e-9)
        for (const value of out.equity) expect(value).toBeGreaterThan(0)
        if (options.config!.endOfData === 'close') expect(out.openLots).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  test('gives the same bytes for the same decisions in another order', ({ expect }) => {
    fc.assert(
      fc.property(randomPlay, fc.infiniteStream(fc.nat()), (options, draws) => {
        const input = inputOf(options)
        const keyed = unpackDecisions(input.decisions).map((row) => ({ row, key: draws.next().value as number }))
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ row }) => row)

        const straight = playTimeline(input)
        const mixed = playTimeline({ ...input, decisions: packDecisions(shuffled) })

        expect(Buffer.compare(mixed.records, straight.records)).toBe(0)
        expect(mixed.equity).toEqual(straight.equity)
      }),
      { numRuns: 200 },
    )
  })

  test('marks gaps at the last close and fills at the next real bar', ({ expect }) => {
    const series = seriesOf('A', [[10, 10, 10, 10], [10, 10, 10, 10], null, [20, 20, 20, 20], null, [30, 30, 30, 30]])

    const out = play({ series: [series], asks: [{ bar: 1, signal: 'BUY', size: 5 }], config: { initialCash: 1000 } })

    // Decided at the close of day 1, waits over day 2, fills at 20 on day 3: E stays 1,000, then 900 + 5 · 30.
    expect([...out.equity]).toEqual([1000, 1000, 1000, 1000, 1000, 1050])
  })

  test('reports progress to the end, each instant later than the one before', ({ expect }) => {
    const series = seriesOf(
      'A',
      Array.from({ length: 1000 }, () => [10, 11, 9, 10] as const),
    )
    const seen: number[] = []

    playTimeline({ ...inputOf({ series: [series], asks: [] }), onProgress: (done) => seen.push(done) })

    expect(seen.length).toBeGreaterThanOrEqual(10)
    expect(seen.every((done, i) => i === 0 || done > seen[i - 1]!)).toBe(true)
    expect(seen.at(-1)).toBe(1000)
  })

  const flat = seriesOf(
    'A',
    Array.from({ length: 1100 }, () => [10, 10, 10, 10] as const),
  )

  test('ends as too many orders at 1,001 live orders of a symbol', ({ expect }) => {
    const resting = (n: number): Ask[] =>
      Array.from({ length: n }, (_, i) => ({ bar: i, signal: 'BUY' as const, entryPrice: 5, size: 0.001 }))
    const config = { max: 100_000, execution: { onSame: 'add' as const } }

    const within = play({ series: [flat], asks: resting(1000), config })
    const beyond = play({ series: [flat], asks: resting(1001), config })

    expect(within.tooManyOrders).toBe(null)
    expect(beyond.tooManyOrders).toContain('1001 live orders')
  })

  test('closes thousands of lots by one order, oldest first', ({ expect }) => {
    const lots = 1000
    const asks: Ask[] = Array.from({ length: lots }, (_, i) => ({ bar: i, signal: 'BUY' as const, size: 0.01 }))
    const config = { max: lots, execution: { onSame: 'add' as const } }

    const out = play({ series: [flat], asks: [...asks, { bar: lots + 1, signal: 'SELL' }], config })

    const exits = decodeRecords(out.records).filter((record) => record.reason === 'exit')
    expect(exits.map((record) => record.lot)).toEqual(Array.from({ length: lots }, (_, i) => i + 1))
    expect(out.openLots).toEqual([])
    expect(out.equity.at(-1)).toBeCloseTo(10_000, 9)
  })

  test('ends as too many orders beyond the allowed number of records', ({ expect }) => {
    const asks = Array.from({ length: 20 }, (_, bar) => ({ bar, signal: 'SELL' as const }))

    const out = playTimeline({ ...inputOf({ series: [flat], asks }), maxRecords: 10 })

    expect(out.tooManyOrders).toContain('over 10 records')
    expect(out.recordCount).toBe(11)
  })

  const legs = (exit: Partial<Ask>): Ask[] => [
    { bar: 1, signal: 'BUY', size: 1, leg: 1 },
    { bar: 1, signal: 'SELL', size: 1, leg: 2, sequence: 1, ...exit },
  ]
  test('takes a leg that closes', ({ expect }) => {
    const { records } = play({ series: [flat], asks: legs({}) })

    expect(decodeRecords(records).map(({ kind }) => kind)).toContain('close')
  })

  const malformed: [string, Play][] = [
    ['a bar beyond the series', { series: [flat], asks: [{ bar: 1100, signal: 'BUY' }] }],
    ['a bar of the lookback', { series: [flat], asks: [{ bar: 29, signal: 'BUY' }], lookback: 30 }],
    ['a symbol beyond the run', { series: [flat], asks: [{ bar: 1, signal: 'BUY', symbol: 1 }] }],
    ['price and percent of one bracket', { series: [flat], asks: [{ bar: 1, signal: 'BUY', tpPrice: 12, tpPct: 2 }] }],
    ['a negative size', { series: [flat], asks: [{ bar: 1, signal: 'BUY', size: -1 }] }],
    [
      'a leg that closes without a size',
      { series: [flat], asks: [legs({})[0]!, { bar: 1, signal: 'SELL', leg: 2, sequence: 1 }] },
    ],
    [
      'a leg that enters without a size',
      {
        series: [flat],
        asks: [
          { bar: 1, signal: 'BUY', leg: 1 },
          { bar: 1, signal: 'BUY', size: 1, leg: 2, sequence: 1 },
        ],
      },
    ],
    [
      'a function without a size',
      { series: [flat], asks: [{ bar: 1, signal: 'BUY', priceFn: '{"args":{},"fn":"f"}' }] },
    ],
    ['a leg that closes with a bracket', { series: [flat], asks: legs({ slPct: 2 }) }],
    ['a leg that closes at once or never', { series: [flat], asks: legs({ timeInForce: 'ioc' }) }],
    [
      'a leg that is decided later than its proposal',
      {
        series: [seriesOf('A', [[10, 10, 10, 10], [10, 10, 10, 10], null, [10, 10, 10, 10]])],
        asks: legs({ late: 1 }),
      },
    ],
    ['a proposal that begins with a leg that closes', { series: [flat], asks: legs({}).slice(1) }],
    [
      'the same place twice',
      { series: [flat], asks: [1, 2].map((rank) => ({ bar: 1, signal: 'BUY' as const, rank })) },
    ],
    [
      'more than 1,000 decisions of a call',
      {
        series: [flat],
        asks: Array.from({ length: 1001 }, (_, sequence) => ({ bar: 1, signal: 'SELL' as const, sequence })),
      },
    ],
  ]
  for (const [name, options] of malformed) {
    test(`refuses ${name} as a breach of the protocol`, ({ expect }) => {
      expect(() => play(options)).toThrow(expect.objectContaining({ code: 'protocol' }))
    })
  }
})
