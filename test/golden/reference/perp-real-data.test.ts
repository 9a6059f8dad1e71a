import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, test } from 'vitest'
import { DEFAULT_EXECUTION } from '../../../src/protocol/profiles.ts'
import { firstDifference } from '../../support/first-difference.ts'
import { referenceRun } from '../../support/reference-engine.ts'
import type { ReferenceDecision } from '../../support/reference-engine-decision.ts'
import type { ReferenceBar, ReferenceFunding, ReferenceInput } from '../../support/reference-engine-types.ts'

const FOLDER = `${process.env['HOTCELL_TEST_DATA'] ?? '../shared/data'}/crypto-perp`
const DAY = 86_400_000
const HOUR = 3_600_000

function rowsOf(name: string): number[][] {
  const text = gunzipSync(readFileSync(`${FOLDER}/${name}.csv.gz`)).toString('utf8')
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number))
}

/** 1 h bars out of the 5 m ones: the reference walks every bar of the past again and again. */
function hourlyBars(symbol: string): ReferenceBar[] {
  const bars = new Map<number, ReferenceBar>()
  for (const [time, open, high, low, close, volume] of rowsOf(`${symbol}-5m`) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ][]) {
    const hour = time - (time % HOUR)
    const bar = bars.get(hour)
    if (bar === undefined) bars.set(hour, { time: hour, open, high, low, close, volume })
    else {
      bar.high = Math.max(bar.high, high)
      bar.low = Math.min(bar.low, low)
      bar.close = close
      bar.volume += volume
    }
  }
  return [...bars.values()]
}

function runOn(symbol: string, funding: ReferenceFunding[], decisions: Partial<ReferenceDecision>[]): ReferenceInput {
  const bars = hourlyBars(symbol)
  const opens = Array.from(
    { length: (bars.at(-1)!.time - bars[0]!.time) / HOUR + 2 },
    (_, k) => bars[0]!.time + k * HOUR,
  )
  return {
    config: {
      symbols: [symbol],
      initialCash: 10_000,
      fee: { builtin: 'percent', params: { maker: 0.0002, taker: 0.0004 } },
      slippage: { builtin: 'bps', params: { bps: 1 } },
      sizing: { builtin: 'percentOfEquity', params: { percent: 90 } },
      capacity: { builtin: 'unlimited', params: {} },
      risk: { builtin: 'none', params: {} },
      fill: 'worst',
      seed: '0',
      endOfData: 'close',
      execution: { ...DEFAULT_EXECUTION, onSame: 'add' },
      perpetual: {
        leverage: 5,
        marginMode: 'isolated',
        allowShort: true,
        onOpposite: 'reverse',
        mark: 'auto',
        funding: 'data',
      },
    },
    bars: [bars],
    opens,
    instruments: [null],
    decisions: decisions.map((one, sequence) => ({ unit: 0, bar: 0, symbol: 0, sequence, signal: 'BUY', ...one })),
    tiers: [[{ floor: 0, cap: null, mmr: 0.01, kappa: 0.0125 }]],
    funding: [funding],
    marks: [null],
    markMs: HOUR,
  }
}

const asFunding = (rows: readonly number[][]): ReferenceFunding[] =>
  rows.map(([time, rate]) => ({ time: time!, rate: rate!, mark: null }))

const hasData = existsSync(`${FOLDER}/BSVUSDT-funding.csv.gz`)
if (!hasData) process.stderr.write(`${FOLDER} is not there: funding on real rows is left out\n`)

describe.runIf(hasData)('funding on real rows', () => {
  test.for([
    { symbol: 'BTCUSDT', every: 8 },
    { symbol: 'BSVUSDT', every: 4 },
  ])(
    'of $symbol comes every $every hours and is the sum of quantity, close and rate',
    ({ symbol, every }, { expect }) => {
      const rows = rowsOf(`${symbol}-funding`)
      const input = runOn(symbol, asFunding(rows), [{ bar: 2, size: 1 }])

      const expected = referenceRun(input)

      expect(firstDifference({ seed: 0, interval: '1h', lookback: 0, input }, expected)).toBeNull()
      const payments = expected.records.filter(({ kind }) => kind === 'funding')
      const gaps = payments.slice(1).map((one, i) => (one.time - payments[i]!.time) / HOUR)
      expect(new Set(gaps)).toEqual(new Set([every]))
      const closeAt = new Map(input.bars[0]!.map((bar) => [bar.time + HOUR, bar.close]))
      let sum = 0
      for (const [time, rate] of rows as [number, number][]) {
        const stamp = time - (time % 60_000)
        if (stamp <= payments[0]!.time - HOUR || stamp > payments.at(-1)!.time) continue
        sum -= payments[0]!.quantity * closeAt.get(stamp)! * rate
      }
      expect(payments.reduce((total, one) => total + one.realised, 0)).toBeCloseTo(sum, 9)
      expect(payments.length).toBeGreaterThan(80)
    },
  )

  test('of generated rows every hour, long and short, agrees with the reference', ({ expect }) => {
    const bars = hourlyBars('BSVUSDT')
    const funding = bars.map(({ time }, i) => ({ time: time + (i % 3), rate: Math.sin(i) / 500, mark: null }))
    const decisions = Array.from({ length: 60 }, (_, i): Partial<ReferenceDecision> => ({
      bar: 5 + i * 11,
      signal: i % 3 === 0 ? 'SELL' : 'BUY',
      slPct: 3,
    }))
    const input = runOn('BSVUSDT', funding, decisions)

    const expected = referenceRun(input)

    expect(firstDifference({ seed: 0, interval: '1h', lookback: 0, input }, expected)).toBeNull()
    const payments = expected.records.filter(({ kind }) => kind === 'funding')
    expect(payments.length).toBeGreaterThan(200)
    expect(new Set(payments.map(({ side }) => side)).size).toBe(2)
    const closeAt = new Map(bars.map((bar) => [bar.time + HOUR, bar.close]))
    const rateAt = new Map(funding.map(({ time, rate }) => [time - (time % 60_000), rate]))
    for (const { time, side, quantity, gross, price, needed } of payments) {
      const sign = side === 'buy' ? 1 : -1
      expect([gross, price]).toEqual([closeAt.get(time), rateAt.get(time)])
      expect(needed).toBeCloseTo(-sign * quantity * gross * price, 12)
    }
    expect((input.opens.at(-1)! - input.opens[0]!) / DAY).toBeGreaterThan(25)
  })
})
