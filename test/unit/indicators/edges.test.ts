import { describe, it } from 'vitest'
import {
  INDICATOR_KINDS,
  INDICATOR_OUTPUTS,
  isIndicatorKind,
  resolveIndicatorParams,
  type IndicatorKind,
} from '../../../src/indicators/catalogue.ts'
import type { FlatJson } from '../../../src/protocol/run-config.ts'
import { runIndicator } from '../../support/run-indicator.ts'

const HOUR = 3_600_000
const N = Number.NaN

function columnsOf(close: readonly number[], changes: { high?: number[]; low?: number[]; volume?: number[] } = {}) {
  const { high = [...close], low = [...close], volume = close.map(() => 1) } = changes
  return { time: close.map((_, i) => i * HOUR), open: close, high, low, close, volume }
}

function run(kind: IndicatorKind, params: FlatJson, columns: ReturnType<typeof columnsOf>): number[][] {
  return runIndicator({ kind, params, columns }).map((out) => [...out])
}

describe('hand-computed values', () => {
  it.for<[IndicatorKind, FlatJson, number[], number[][]]>([
    ['sma', { period: 2 }, [1, 3, 5, 9], [[N, 2, 4, 7]]],
    ['wma', { period: 3 }, [1, 2, 6, 3], [[N, N, 23 / 6, 23 / 6]]],
    ['ema', { period: 3 }, [1, 2, 6, 5, 1], [[N, N, 3, 4, 2.5]]],
    ['rsi', { period: 2 }, [10, 12, 11, 11, 13], [[N, N, 200 / 3, 200 / 3, 100 * (1.25 / 1.375)]]],
    [
      'macd',
      { fast: 1, slow: 2, signal: 2 },
      [2, 4, 10, 4],
      [
        [N, 1, 7 / 3, -11 / 9],
        [N, N, 5 / 3, -7 / 27],
        [N, N, 2 / 3, -26 / 27],
      ],
    ],
    ['atr', { period: 2 }, [10, 12, 9, 10], [[N, 1, 2, 1.5]]],
    ['stddev', { period: 2, ddof: 1 }, [1, 3, 3], [[N, Math.SQRT2, 0]]],
    [
      'bollinger',
      { period: 2, deviations: 2 },
      [1, 3, 3],
      [
        [N, 4, 3],
        [N, 2, 3],
        [N, 0, 3],
      ],
    ],
    ['highest', { period: 3 }, [1, 5, 2, 2, 1], [[N, N, 5, 5, 2]]],
    ['lowest', { period: 3 }, [3, 1, 2, 2, 4], [[N, N, 1, 1, 2]]],
    ['obv', {}, [5, 6, 6, 4], [[0, 1, 1, 0]]],
  ])('%s %j of %j', ([kind, params, close, wanted], { expect }) => {
    const found = run(kind, params, columnsOf(close))

    expect(found.length).toBe(wanted.length)
    found.forEach((out, k) =>
      out.forEach((value, i) => {
        const want = wanted[k]![i]!
        if (Number.isNaN(want)) expect(value).toBeNaN()
        else expect(value).toBeCloseTo(want, 13)
      }),
    )
  })

  it('adx, plusDi and minusDi', ({ expect }) => {
    // +DM 2 0 4, -DM 0 3 0; true ranges 13 - 10 = 3, 13 - 7 = 6, 17 - 8 = 9
    const columns = columnsOf([10, 11, 9, 13], { high: [11, 13, 13, 17], low: [9, 10, 7, 8] })
    const [adx, plus, minus] = run('adx', { period: 2 }, columns)

    expect(plus![2]).toBeCloseTo(100 * (1 / 4.5), 12)
    expect(plus![3]).toBeCloseTo(100 * (2.5 / 6.75), 12)
    expect(minus![2]).toBeCloseTo(100 * (1.5 / 4.5), 12)
    expect(minus![3]).toBeCloseTo(100 * (0.75 / 6.75), 12)
    expect(adx![3]).toBeCloseTo((100 * (0.5 / 2.5) + 100 * (1.75 / 3.25)) / 2, 12)
    expect(adx!.slice(0, 3)).toEqual([N, N, N])
  })

  it('vwap begins anew on each UTC day, on Mondays, or never', ({ expect }) => {
    // The hours: Saturday 23, Sunday 0, Sunday 23, Monday 0 (1970-01-05)
    const base = columnsOf([10, 20, 30, 40], { volume: [1, 3, 1, 1] })
    const time = [71, 72, 95, 96].map((hour) => hour * HOUR)
    const of = (anchor: string) => run('vwap', { anchor }, { ...base, time })[0]

    expect(of('day')).toEqual([10, 20, 22.5, 40])
    expect(of('week')).toEqual([10, 17.5, 20, 40])
    expect(of('none')).toEqual([10, 17.5, 20, 140 / 6])
  })
})

describe('edges', () => {
  const flat = columnsOf(Array.from({ length: 60 }, () => 0.1))

  it('a price that never moves: averages are the price, deviations exactly 0, RSI and stochastic 50, ADX 0', ({
    expect,
  }) => {
    for (const [kind, params, want] of [
      ['rsi', { period: 14 }, [50]],
      ['stochastic', { period: 5, smooth: 3, signal: 3 }, [50, 50]],
      ['adx', { period: 7 }, [0, 0, 0]],
      ['atr', { period: 14 }, [0]],
      ['stddev', { period: 20, ddof: 1 }, [0]],
      ['bollinger', { period: 20, deviations: 2 }, [0.1, 0.1, 0.1]],
      ['donchian', { period: 5 }, [0.1, 0.1, 0.1]],
      ['obv', {}, [0]],
      ['macd', { fast: 2, slow: 4, signal: 2 }, [0, 0, 0]],
    ] as const) {
      const found = run(kind, params, flat).map((out) => out.at(-1)!)
      if (kind === 'macd') found.forEach((value) => expect(value).toBeCloseTo(0, 15))
      else expect(found, kind).toEqual(want)
    }
  })

  it('a huge value leaves nothing behind once it has left the window', ({ expect }) => {
    const close = [1, 2, 3, 1e300, ...Array.from({ length: 12 }, (_, i) => i / 8)]
    for (const kind of ['sma', 'wma', 'stddev', 'highest'] as const) {
      const whole = run(kind, { period: 4 }, columnsOf(close))[0]!
      const later = run(kind, { period: 4 }, columnsOf(close.slice(8)))[0]!
      expect(whole.slice(-5), kind).toEqual(later.slice(-5))
    }
  })

  it('stddev keeps its digits where prices are large beside their moves, and where one jumps', ({ expect }) => {
    const period = 20
    const close = Array.from({ length: 400 }, (_, i) => 2 ** 30 + ((i * 7919) % 97) / 1024 + (i % 61 === 0 ? 4096 : 0))
    const found = run('stddev', { period, ddof: 1 }, columnsOf(close))[0]!
    for (let row = period - 1; row < close.length; row++) {
      // All of these are exact: integers of 1/1024
      const window = close.slice(row - period + 1, row + 1).map((value) => BigInt((value - 2 ** 30) * 1024))
      const sum = window.reduce((a, b) => a + b)
      const squares = window.reduce((a, b) => a + b * b, 0n) * BigInt(period) - sum * sum
      const wanted = Math.sqrt(Number(squares) / (period * (period - 1))) / 1024
      expect(Math.abs(found[row]! / wanted - 1), `row ${row}`).toBeLessThan(1e-13)
    }
  })

  it('volume 0: VWAP is NaN until something is traded', ({ expect }) => {
    expect(run('vwap', { anchor: 'none' }, columnsOf([5, 6, 7], { volume: [0, 0, 2] }))[0]).toEqual([N, N, 7])
  })

  it('a NaN in the source changes no value before it', ({ expect }) => {
    const close = Array.from({ length: 40 }, (_, i) => 100 + ((i * 7) % 11))
    const torn = close.with(20, N)
    for (const kind of INDICATOR_KINDS) {
      const [whole, found] = [run(kind, {}, columnsOf(close)), run(kind, {}, columnsOf(torn))]
      found.forEach((out, k) => expect(out.slice(0, 20), kind).toEqual(whole[k]!.slice(0, 20)))
    }
  })

  it('no row and one row are no error', ({ expect }) => {
    for (const kind of INDICATOR_KINDS) {
      expect(run(kind, {}, columnsOf([]))).toEqual(INDICATOR_OUTPUTS[kind].map(() => []))
      expect(run(kind, {}, columnsOf([5])).every((out) => out.length === 1)).toBe(true)
    }
  })
})

describe('resolveIndicatorParams()', () => {
  const resolve = (kind: IndicatorKind, params: Record<string, unknown>) =>
    resolveIndicatorParams(kind, new Map(Object.entries(params)))

  it('adds the defaults', ({ expect }) => {
    expect(resolve('macd', { slow: 30 })).toEqual({ params: { fast: 12, slow: 30, signal: 9 } })
    expect(resolve('obv', {})).toEqual({ params: {} })
  })

  it.for<[IndicatorKind, Record<string, unknown>, string]>([
    ['sma', { period: 0 }, 'period must be at least 1'],
    ['sma', { period: '5' }, 'period must be an integer'],
    ['sma', { length: 5 }, '"length" is not a parameter of sma, which has period'],
    ['obv', { period: 5 }, '"period" is not a parameter of obv, which has none'],
    ['macd', { fast: 26 }, 'fast must be less than slow (26)'],
    ['stddev', { ddof: 2 }, 'ddof must be at most 1'],
    ['bollinger', { period: 5001 }, 'period must be at most 5000'],
    ['vwap', { anchor: 'month' }, 'anchor must be one of day, week, none'],
  ])('refuses %s %j', ([kind, params, problem], { expect }) => {
    expect(resolve(kind, params)).toEqual({ problem })
  })

  it('knows kinds by their own names only', ({ expect }) => {
    expect(['sma', 'toString', '__proto__', 'SMA', 5, null].map((name) => isIndicatorKind(name))).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })
})
