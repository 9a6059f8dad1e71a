import { describe, test } from 'vitest'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { DEFAULT_EXECUTION } from '../../../src/protocol/profiles.ts'
import { publishedBars } from '../../support/published-bars.ts'
import { referenceRun } from '../../support/reference-engine.ts'
import { timelineInput } from '../../support/timeline-input.ts'
import type { ReferenceDecision } from '../../support/reference-engine-decision.ts'
import type { ReferenceBar, ReferenceInput } from '../../support/reference-engine-types.ts'

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
      risk: { builtin: 'none', params: {} },
      fill: 'worst',
      seed: '0',
      endOfData: 'open',
      execution: DEFAULT_EXECUTION,
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

type Play = (
  input: ReferenceInput,
  lookback: number,
) => { fills: { quantity: number; price: number }[]; equity: number }

function playReference(input: ReferenceInput): ReturnType<Play> {
  const { records, equity } = referenceRun(input)
  return { fills: records.filter((record) => record.kind === 'fill'), equity: equity.at(-1)! }
}

function playProduct(input: ReferenceInput, lookback: number): ReturnType<Play> {
  const output = playTimeline(timelineInput(input, { interval: '1d', lookback }))
  return {
    fills: decodeRecords(output.records).filter((record) => record.kind === 'fill'),
    equity: output.equity.at(-1)!,
  }
}

const ENGINES: { engine: string; play: Play }[] = [
  { engine: 'the reference', play: playReference },
  { engine: 'phase 2', play: playProduct },
]

describe.skipIf(bars === null).for(ENGINES)('the published runs on BTCUSDT 1d: $engine', ({ play }) => {
  test('SmaCrossover(10, 30): 8 fills, 0.2340507109642826 bought at 42,708.7, final equity 11,426.0658796774', ({
    expect,
  }) => {
    const { fills, equity } = play(spotRun(bars!, 30, crossovers(bars!, 10, 30)), 30)

    expect(fills.length).toBe(8)
    expect(Math.abs(fills[0]!.quantity / 0.2340507109642826 - 1)).toBeLessThan(1e-9)
    expect(fills[0]!.price).toBe(42_708.7)
    expect(Math.abs(equity / 11_426.0658796774 - 1)).toBeLessThan(1e-9)
  })

  test('BuyAndHold: final equity 12,711.2061995213', ({ expect }) => {
    const { equity } = play(spotRun(bars!, 0, [{ unit: 0, bar: 0, symbol: 0, sequence: 0, signal: 'BUY' }]), 0)

    expect(Math.abs(equity / 12_711.2061995213 - 1)).toBeLessThan(1e-9)
  })
})
