import { packDecisions } from '../../src/backtest/decision-codec.ts'
import type { TimelineInput } from '../../src/backtest/play-timeline.ts'
import { slotOf, type Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import type { ReferenceBar, ReferenceInput, ReferenceInstrument } from './reference-engine-types.ts'

/** Columns of plain bars. */
export function seriesOf(symbol: string, interval: Interval, bars: readonly ReferenceBar[]): CandleSeries {
  const column = (read: (bar: ReferenceBar) => number): Float64Array => Float64Array.from(bars, read)
  return {
    symbol,
    interval,
    rows: bars.length,
    time: column((bar) => bar.time),
    open: column((bar) => bar.open),
    high: column((bar) => bar.high),
    low: column((bar) => bar.low),
    close: column((bar) => bar.close),
    volume: column((bar) => bar.volume),
  }
}

function instrumentOf(symbol: string, plain: ReferenceInstrument | null): Instrument | null {
  if (plain === null) return null
  return { symbol, market: 'spot', base: 'BASE', quote: 'USDT', multiplier: '1', calendar: '24/7', ...plain }
}

function configOf(input: ReferenceInput, interval: Interval): RunConfig {
  const { config } = input
  return {
    ...config,
    strategy: { builtin: 'BuyAndHold', params: {} },
    files: [],
    market: config.perpetual === undefined ? 'spot' : 'perpetual',
    interval,
    start: null,
    end: null,
    profile: 'hotcell/v1',
    execution: { ...config.execution, marketFill: 'next_open' },
    data: { gaps: 'mark', maxSyntheticShare: 1, maxGapBars: 1_000_000 },
    metrics: { periodsPerYear: null, riskFree: 0 },
    args: {},
  }
}

/** The product's input for a run of the reference. */
export function timelineInput(input: ReferenceInput, options: { interval: Interval; lookback: number }): TimelineInput {
  const { interval, lookback } = options
  const { symbols } = input.config
  const start = input.opens[0]!
  const end = input.opens.at(-1)!
  return {
    config: configOf(input, interval),
    series: input.bars.map((bars, symbol) => seriesOf(symbols[symbol]!, interval, bars)),
    window: { firstSlot: slotOf(interval, start), endSlot: slotOf(interval, end), start, end },
    lookback,
    instruments: input.instruments.map((plain, symbol) => instrumentOf(symbols[symbol]!, plain)),
    decisions: packDecisions(input.decisions),
  }
}
