import fc from 'fast-check'
import { describe, it } from 'vitest'
import {
  INDICATOR_KINDS,
  INDICATOR_OUTPUTS,
  type IndicatorKind,
  indicatorDefinition,
} from '../../../src/indicators/catalogue.ts'
import type { FlatJson } from '../../../src/protocol/run-config.ts'
import { naiveIndicator, type NaiveColumns } from '../../support/naive-indicators.ts'
import { runIndicator } from '../../support/run-indicator.ts'

const HOUR = 3_600_000
const length = fc.integer({ min: 1, max: 12 })
const longer = fc.integer({ min: 2, max: 12 })

/** Parameters of each kind, small enough for short series to be warm and warm again. */
const PARAMS: Readonly<Record<IndicatorKind, fc.Arbitrary<FlatJson>>> = {
  sma: fc.record({ period: length }),
  ema: fc.record({ period: length }),
  wma: fc.record({ period: length }),
  rsi: fc.record({ period: length }),
  macd: fc.tuple(length, length, length).map(([fast, more, signal]) => ({ fast, slow: fast + more, signal })),
  atr: fc.record({ period: length }),
  bollinger: fc.record({ period: longer, deviations: fc.double({ min: 0, max: 5, noNaN: true }) }),
  stochastic: fc.record({ period: length, smooth: length, signal: length }),
  adx: fc.record({ period: length }),
  obv: fc.constant({}),
  vwap: fc.record({ anchor: fc.constantFrom('day', 'week', 'none') }),
  donchian: fc.record({ period: length }),
  highest: fc.record({ period: length }),
  lowest: fc.record({ period: length }),
  stddev: fc.record({ period: longer, ddof: fc.constantFrom(0, 1) }),
}

/** Bars with few distinct prices (ties, flat stretches), pauses in time, and now and then no volume. */
const bars: fc.Arbitrary<NaiveColumns> = fc
  .array(
    fc.record({
      open: fc.integer({ min: 80, max: 120 }),
      close: fc.integer({ min: 80, max: 120 }),
      above: fc.integer({ min: 0, max: 8 }),
      below: fc.integer({ min: 0, max: 8 }),
      volume: fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e6, noNaN: true })),
      pause: fc.constantFrom(1, 1, 1, 5, 30),
    }),
    { minLength: 1, maxLength: 90 },
  )
  .map((rows) => {
    let now = 1_577_836_800_000
    return {
      time: rows.map(({ pause }) => (now += pause * HOUR)),
      open: rows.map((row) => row.open / 7),
      high: rows.map((row) => (Math.max(row.open, row.close) + row.above) / 7),
      low: rows.map((row) => (Math.min(row.open, row.close) - row.below) / 7),
      close: rows.map((row) => row.close / 7),
      volume: rows.map((row) => row.volume),
    }
  })

const sources = fc.constantFrom('open', 'high', 'low', 'close', 'volume')
const EXACT: readonly IndicatorKind[] = ['highest', 'lowest', 'donchian']

function isNear(a: number, b: number, scale: number): boolean {
  return Number.isNaN(a) ? Number.isNaN(b) : Math.abs(a - b) <= 1e-9 * scale
}

describe.each(INDICATOR_KINDS)('%s', (kind) => {
  const { takesSource, warmUp } = indicatorDefinition(kind)
  const anySource = takesSource ? sources : fc.constant('close' as const)

  it('equals its definition computed anew at each row', ({ expect }) => {
    fc.assert(
      fc.property(bars, PARAMS[kind], anySource, (columns, params, source) => {
        const found = runIndicator({ kind, params, source, columns })
        const wanted = naiveIndicator(kind, { params, source: columns[source], columns })

        expect(found.length).toBe(INDICATOR_OUTPUTS[kind].length)
        const largest = Math.max(1, ...columns[source], ...(kind === 'obv' ? columns.volume : []))
        found.forEach((out, k) => {
          if (EXACT.includes(kind)) expect([...out]).toEqual(wanted[k])
          else expect([...out].filter((value, i) => !isNear(value, wanted[k]![i]!, 100 * largest))).toEqual([])
        })
      }),
      { numRuns: 300 },
    )
  })

  it('is causal: a series that ends earlier has the same values, bit for bit, in parts of any size', ({ expect }) => {
    fc.assert(
      fc.property(
        bars,
        PARAMS[kind],
        anySource,
        fc.nat(),
        fc.integer({ min: 1, max: 20 }),
        (columns, params, source, at, block) => {
          const rows = (at % columns.close.length) + 1
          const cut = Object.fromEntries(
            Object.entries(columns).map(([name, values]) => [name, (values as number[]).slice(0, rows)]),
          ) as unknown as NaiveColumns
          const whole = runIndicator({ kind, params, source, columns })
          const prefix = runIndicator({ kind, params, source, columns: cut, block })

          prefix.forEach((out, k) =>
            expect(Buffer.from(out.buffer)).toEqual(Buffer.from(whole[k]!.buffer, 0, rows * 8)),
          )
        },
      ),
      { numRuns: 200 },
    )
  })

  it('is NaN before it is warm and has all values from there on', ({ expect }) => {
    fc.assert(
      fc.property(PARAMS[kind], (params) => {
        const rows = 60
        const at = (values: (i: number) => number) => Array.from({ length: rows }, (_, i) => values(i))
        const close = at((i) => 100 + ((i * 7) % 13))
        const columns = {
          time: at((i) => i * HOUR),
          open: close,
          high: close.map((c) => c + 1),
          low: close.map((c) => c - 1),
          close,
          volume: at((i) => 1 + (i % 3)),
        }
        const first = warmUp(params)
        const found = runIndicator({ kind, params, columns })

        for (const out of found) expect([...out.subarray(first)].every((value) => Number.isFinite(value))).toBe(true)
        // Of several outputs one may be warm before the others
        expect(found.some((out) => out.subarray(0, first).every((value) => Number.isNaN(value)))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})
