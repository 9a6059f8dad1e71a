import { describe, it } from 'vitest'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { FlatJson } from '../../../src/protocol/run-config.ts'
import {
  BUILTIN_STRATEGIES,
  builtinLookback,
  resolveBuiltinStrategy,
  runBuiltin,
} from '../../../src/strategies/builtin-catalogue.ts'
import { makeWalk } from '../../support/sample-series.ts'

function seriesOf(closes: readonly number[]): CandleSeries {
  const close = Float64Array.from(closes)
  const rows = close.length
  return {
    symbol: 'AAA',
    interval: '1h',
    rows,
    time: close,
    open: close,
    high: close,
    low: close,
    close,
    volume: close,
  }
}

function decide(name: string, params: FlatJson, series: CandleSeries, first = 0): [number, string][] {
  const spec = resolveBuiltinStrategy(name, params)
  const { rows, bar, signal } = runBuiltin({ spec, series, first })
  return Array.from({ length: rows }, (_, i) => [bar[i]!, signal[i] === 0 ? 'BUY' : 'SELL'])
}

describe('RsiMeanReversion', () => {
  // Changes -4 -2 +2 +4 -6 with n 1: RSI is 100 after a rise and 0 after a fall
  it('buys where RSI crosses up through oversold, sells where it crosses down through overbought', ({ expect }) => {
    const closes = seriesOf([10, 6, 4, 6, 10, 4, 5])

    expect(decide('RsiMeanReversion', { period: 1 }, closes)).toEqual([
      [3, 'BUY'],
      [5, 'SELL'],
      [6, 'BUY'],
    ])
  })

  it('counts equality before the cross and not at it', ({ expect }) => {
    // n 2, changes -1 -3 +2 ... : G 0, L 2 -> 0; then G 1, L 1 -> 50; +4: G 2.5, L .5 -> 83.3; -5: G 1.25, L 2.75 -> 31.25
    const closes = seriesOf([10, 9, 6, 8, 12, 7])

    expect(decide('RsiMeanReversion', { period: 2, oversold: 50, overbought: 83 }, closes)).toEqual([
      [4, 'BUY'],
      [5, 'SELL'],
    ])
    expect(decide('RsiMeanReversion', { period: 2, oversold: 49.9, overbought: 84 }, closes)).toEqual([[3, 'BUY']])
  })

  it('needs the value of the bar before: lookback period + 1', ({ expect }) => {
    expect(builtinLookback(resolveBuiltinStrategy('RsiMeanReversion', {}))).toBe(15)
    // RSI(1) exists from row 1 on, so row 2 is the first that can see a cross
    expect(decide('RsiMeanReversion', { period: 1 }, seriesOf([5, 4, 5]))).toEqual([[2, 'BUY']])
  })
})

describe('Momentum', () => {
  it('buys where the return over the lookback crosses above the threshold, sells where it crosses below its negative', ({
    expect,
  }) => {
    // Returns over 2 bars from row 2: 0, 0.5, 0.5, -0.4, -0.5, 0.25
    const closes = seriesOf([10, 8, 10, 12, 15, 7.2, 7.5, 9])

    expect(decide('Momentum', { lookback: 2, threshold: 0.5 }, closes)).toEqual([])
    expect(decide('Momentum', { lookback: 2, threshold: 0.45 }, closes)).toEqual([
      [3, 'BUY'],
      [6, 'SELL'],
    ])
    expect(decide('Momentum', { lookback: 2 }, closes)).toEqual([
      [3, 'BUY'],
      [5, 'SELL'],
      [7, 'BUY'],
    ])
    expect(builtinLookback(resolveBuiltinStrategy('Momentum', {}))).toBe(21)
  })
})

describe('PeakEmaReversal', () => {
  // fast 1: e is the close. slow 2 (a = 2/3): s from row 1
  const params = { fast: 1, slow: 2, peak: 2 }

  it('buys after a trough below the slow average and sells after a peak above it', ({ expect }) => {
    expect(decide('PeakEmaReversal', params, seriesOf([10, 9, 6, 8, 9, 7]))).toEqual([
      [3, 'BUY'],
      [5, 'SELL'],
    ])
  })

  it('asks for the extreme of the last `peak` values, equal ones included', ({ expect }) => {
    // The trough 6 at row 6 follows a deeper one, 5, four values before; at row 2 the lowest so far
    const closes = seriesOf([9, 8, 5, 8, 7, 7.5, 6, 8])

    expect(decide('PeakEmaReversal', { ...params, peak: 4 }, closes).at(-1)).toEqual([7, 'BUY'])
    expect(decide('PeakEmaReversal', { ...params, peak: 5 }, closes).at(-1)).not.toEqual([7, 'BUY'])
    expect(decide('PeakEmaReversal', { ...params, peak: 5 }, seriesOf([9, 8, 5, 8, 7, 7.5, 5, 8])).at(-1)).toEqual([
      7,
      'BUY',
    ])
  })

  it('ignores a flat turn', ({ expect }) => {
    expect(decide('PeakEmaReversal', params, seriesOf([10, 9, 6, 6, 8]))).toEqual([])
  })

  it('needs both averages and `peak` values of the fast one', ({ expect }) => {
    const lookback = (params: FlatJson) => builtinLookback(resolveBuiltinStrategy('PeakEmaReversal', params))

    expect([lookback({}), lookback({ peak: 30 }), lookback({ fast: 20 })]).toEqual([21, 38, 24])
  })
})

describe.each(BUILTIN_STRATEGIES)('%s', (name) => {
  const walk = makeWalk({ symbol: 'AAA', rows: 140_000, seed: 4 })

  it('depends on the past alone: cutting the series cuts the decisions', ({ expect }) => {
    const all = decide(name, {}, walk)

    expect(all.length).toBeGreaterThan(name === 'BuyAndHold' ? 0 : 500)
    for (const rows of [65_535, 65_536, 65_537, 131_072]) {
      expect(decide(name, {}, { ...walk, rows })).toEqual(all.filter(([bar]) => bar < rows))
    }
  })

  it('decides nothing before its lookback or the window', ({ expect }) => {
    const needed = builtinLookback(resolveBuiltinStrategy(name, {}))

    expect(decide(name, {}, walk)[0]![0]).toBeGreaterThanOrEqual(needed)
    expect(decide(name, {}, walk, 70_000)[0]![0]).toBeGreaterThanOrEqual(70_000)
    if (name !== 'BuyAndHold') {
      expect(decide(name, {}, walk, 70_000)).toEqual(decide(name, {}, walk).filter(([bar]) => bar >= 70_000))
    }
  })

  it('does without rows', ({ expect }) => {
    expect(decide(name, {}, seriesOf([]))).toEqual([])
  })
})
