import { test } from 'vitest'
import { publishedBars } from '../../support/published-bars.ts'
import { referenceRun } from '../../support/reference-engine.ts'
import type { ReferenceBar, ReferenceDecision, ReferenceInput } from '../../support/reference-engine-types.ts'

const DAY = 86_400_000
const bars = publishedBars('crypto-spot/BTCUSDT-1d')

function spotRun(rows: ReferenceBar[], lookback: number, decisions: ReferenceDecision[]): ReferenceInput {
  const window = rows.slice(lookback)
  return {
    config: {
      symbols: ['BTCUSDT'],
      initialCash: 10_000,
      fee: { builtin: 'percent', params: { maker: 0.0004, taker: 0.0004 } },
      slippage: { builtin: 'bps', params: { bps: 0 } },
      sizing: { builtin: 'percentOfEquity', params: { percent: 100 } },
      capacity: { builtin: 'maxPositions', params: { max: 1 } },
      endOfData: 'open',
      execution: {
        onSame: 'ignore',
        onShortfall: 'shrink',
        retryBars: 0,
        maxWaitBars: 10,
        limitTouch: 'strict',
        clampSlippage: false,
      },
    },
    bars: [rows],
    opens: [...window.map((bar) => bar.time), window.at(-1)!.time + DAY],
    instruments: [null],
    decisions,
  }
}

function sma(rows: ReferenceBar[], index: number, length: number): number {
  let sum = 0
  for (let i = index - length + 1; i <= index; i++) sum += rows[i]!.close
  return sum / length
}

function crossovers(rows: ReferenceBar[], fast: number, slow: number): ReferenceDecision[] {
  const decisions: ReferenceDecision[] = []
  for (let bar = slow; bar < rows.length; bar++) {
    const before = sma(rows, bar - 1, fast) - sma(rows, bar - 1, slow)
    const now = sma(rows, bar, fast) - sma(rows, bar, slow)
    if (before <= 0 && now > 0) decisions.push({ unit: 0, bar, symbol: 0, sequence: 0, signal: 'BUY' })
    if (before >= 0 && now < 0) decisions.push({ unit: 0, bar, symbol: 0, sequence: 0, signal: 'SELL' })
  }
  return decisions
}

test.skipIf(bars === null)('the reference gives the published SMA(10, 30) run on BTCUSDT 1d', ({ expect }) => {
  const rows = bars!

  const { records, equity } = referenceRun(spotRun(rows, 30, crossovers(rows, 10, 30)))

  const fills = records.filter((record) => record.kind === 'fill')
  expect(fills.length).toBe(8)
  expect(Math.abs(fills[0]!.quantity / 0.2340507109642826 - 1)).toBeLessThan(1e-9)
  expect(fills[0]!.price).toBe(42_708.7)
  expect(Math.abs(equity.at(-1)! / 11_426.0658796774 - 1)).toBeLessThan(1e-9)
})

test.skipIf(bars === null)('the reference gives the published buy-and-hold run on BTCUSDT 1d', ({ expect }) => {
  const rows = bars!

  const { equity } = referenceRun(spotRun(rows, 0, [{ unit: 0, bar: 0, symbol: 0, sequence: 0, signal: 'BUY' }]))

  expect(Math.abs(equity.at(-1)! / 12_711.2061995213 - 1)).toBeLessThan(1e-9)
})
