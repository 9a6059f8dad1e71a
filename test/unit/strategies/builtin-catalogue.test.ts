import { describe, expect, it } from 'vitest'
import { builtinLookback, runBuiltin } from '../../../src/strategies/builtin-catalogue.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { BuiltinSpec } from '../../../src/protocol/run-config.ts'
import { makeWalk } from '../../support/sample-series.ts'

function seriesOf(closes: readonly number[]): CandleSeries {
  const close = Float64Array.from(closes)
  return {
    symbol: 'AAA',
    interval: '1h',
    rows: close.length,
    time: close,
    open: close,
    high: close,
    low: close,
    close,
    volume: close,
  }
}

const sma = (fast: number, slow: number): BuiltinSpec => ({ builtin: 'SmaCrossover', params: { fast, slow } })

function decide(spec: BuiltinSpec, series: CandleSeries, first = builtinLookback(spec)): [number, string][] {
  const { rows, bar, signal } = runBuiltin({ spec, series, first })
  return Array.from({ length: rows }, (_, i) => [bar[i]!, signal[i] === 0 ? 'BUY' : 'SELL'])
}

describe('SmaCrossover', () => {
  it('buys where SMA(fast) crosses above SMA(slow) and sells where it crosses below', () => {
    // SMA(1) is the close, SMA(2) the mean of two: closes 4 3 2 | 5 -> 5 > 3.5, then 6, 6 (equal), 1 < 3.5
    expect(decide(sma(1, 2), seriesOf([4, 3, 2, 5, 6, 6, 1]))).toEqual([
      [3, 'BUY'],
      [6, 'SELL'],
    ])
  })

  it('acts on equality before the cross, not on equality at it', () => {
    // 2 2 2: equal; 3 > 2.5 after equal: BUY; 3 3: equal, no signal; 4 > 3.5 after equal: BUY again
    expect(decide(sma(1, 2), seriesOf([2, 2, 2, 3, 3, 4]))).toEqual([
      [3, 'BUY'],
      [5, 'BUY'],
    ])
  })

  it('decides nothing before the lookback or the first row of the window', () => {
    const series = seriesOf([4, 3, 2, 5, 1, 5, 1, 5])

    expect(builtinLookback(sma(10, 30))).toBe(30)
    expect(decide(sma(1, 2), series, 5).map(([bar]) => bar)).toEqual([5, 6, 7])
  })

  it('depends on the past alone: cutting the series cuts the decisions', () => {
    const walk = makeWalk({ symbol: 'AAA', rows: 200_000 })
    const all = decide(sma(10, 30), walk)

    for (const rows of [70_000, 131_072, 131_073]) {
      expect(decide(sma(10, 30), { ...walk, rows })).toEqual(all.filter(([bar]) => bar < rows))
    }
  })

  it('follows its stated sums to the last bit', () => {
    const { close, rows } = makeWalk({ symbol: 'AAA', rows: 5000, seed: 9 })
    const mean = (n: number) => {
      const means = new Float64Array(rows).fill(Number.NaN)
      let sum = 0
      for (let i = n - 1; i < rows; i++) {
        if ((i + 1) % n === 0) sum = close.subarray(i - n + 1, i + 1).reduce((total, price) => total + price, 0)
        else sum = sum + close[i]! - close[i - n]!
        means[i] = sum / n
      }
      return means
    }
    const [fast, slow] = [mean(10), mean(30)]
    const wanted: [number, string][] = []
    for (let i = 30; i < rows; i++) {
      if (fast[i - 1]! <= slow[i - 1]! && fast[i]! > slow[i]!) wanted.push([i, 'BUY'])
      if (fast[i - 1]! >= slow[i - 1]! && fast[i]! < slow[i]!) wanted.push([i, 'SELL'])
    }

    expect(decide(sma(10, 30), { ...makeWalk({ symbol: 'AAA', rows: 5000, seed: 9 }) })).toEqual(wanted)
    expect(wanted.length).toBeGreaterThan(50)
  })
})

describe('BuyAndHold', () => {
  it('buys once, at the first row of the window', () => {
    const spec = { builtin: 'BuyAndHold', params: {} }

    expect(builtinLookback(spec)).toBe(0)
    expect(decide(spec, seriesOf([1, 2, 3]), 1)).toEqual([[1, 'BUY']])
    expect(decide(spec, seriesOf([1]), 1)).toEqual([])
  })
})
