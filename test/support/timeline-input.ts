import { createSha256 } from '../../orchestrator-service/sha256.ts'
import { recordUserCode, type PlainData, type UserCode } from '../../src/backtest/user-port.ts'
import { packDecisions } from '../../src/backtest/decision-codec.ts'
import type { TimelineInput } from '../../src/backtest/play-timeline.ts'
import type { FundingSeries } from '../../src/candles/funding-series.ts'
import { INTERVALS, intervalMs, slotOf, type Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { Instrument, MarginTier } from '../../src/instruments/instrument.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import type { ReferenceUsers } from './reference-engine-users.ts'
import type {
  ReferenceBar,
  ReferenceFunding,
  ReferenceInput,
  ReferenceInstrument,
  ReferenceTier,
} from './reference-engine-types.ts'

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

function instrumentOf(input: ReferenceInput, index: number, plain: ReferenceInstrument | null): Instrument | null {
  const tiers = input.tiers?.[index]
  if (plain === null && tiers === undefined) return null
  return {
    symbol: input.config.symbols[index]!,
    market: tiers === undefined ? 'spot' : 'perpetual',
    base: 'BASE',
    quote: 'USDT',
    multiplier: '1',
    calendar: '24/7',
    ...(plain ?? { tick: null, step: null, minQuantity: null, minNotional: null }),
    ...(tiers === undefined ? {} : { marginTiers: tiers.map(tierOf) }),
  }
}

function tierOf({ floor, cap, mmr, kappa }: ReferenceTier): MarginTier {
  return {
    floor: String(floor),
    cap: cap === null ? null : String(cap),
    maintenanceMarginRate: String(mmr),
    clearanceFeeRate: String(kappa),
  }
}

function perpInput(input: ReferenceInput): Pick<TimelineInput, 'marks' | 'funding'> {
  const { symbols } = input.config
  const length = INTERVALS.find((one) => intervalMs(one) === input.markMs)
  const marks = input.marks?.map((rows, i) =>
    rows === null || length === undefined ? null : seriesOf(symbols[i]!, length, rows),
  )
  const funding = input.funding?.map((rows, i) => (rows === null ? null : fundingOf(symbols[i]!, rows)))
  return { ...(marks === undefined ? {} : { marks }), ...(funding === undefined ? {} : { funding }) }
}

function fundingOf(symbol: string, rows: readonly ReferenceFunding[]): FundingSeries {
  return {
    symbol,
    rows: rows.length,
    time: Float64Array.from(rows, ({ time }) => time),
    rate: Float64Array.from(rows, ({ rate }) => rate),
    mark: Float64Array.from(rows, ({ mark }) => mark ?? Number.NaN),
  }
}

function detailInput(input: ReferenceInput): Pick<TimelineInput, 'detail'> {
  if (input.detail === undefined) return {}
  const length = INTERVALS.find((one) => intervalMs(one) === input.detailMs)!
  const { symbols } = input.config
  return { detail: input.detail.map((rows, i) => (rows === null ? null : seriesOf(symbols[i]!, length, rows))) }
}

function executorsOf({ decisions }: ReferenceInput): Pick<RunConfig, 'executors'> {
  const names = decisions.flatMap(({ executor }) => executor ?? [])
  if (names.length === 0) return {}
  return { executors: Object.fromEntries(names.map((name) => [name, { module: 'user.ts', function: name }])) }
}

function configOf(input: ReferenceInput, interval: Interval): RunConfig {
  const { config } = input
  return {
    ...config,
    ...Object.fromEntries(Object.keys(input.users ?? {}).map((port) => [port, { module: 'user.ts', function: port }])),
    ...executorsOf(input),
    strategy: { builtin: 'BuyAndHold', params: {} },
    files: [],
    market: config.perpetual === undefined ? 'spot' : 'perpetual',
    interval,
    start: null,
    end: null,
    profile: 'hotcell/v1',
    data: { gaps: 'mark', maxSyntheticShare: 1, maxGapBars: 1_000_000 },
    metrics: { periodsPerYear: null, riskFree: 0 },
    args: {},
  }
}

/** Code of the user that answers at once, told what a realm would be told. */
function userOf(users: ReferenceUsers): UserCode {
  return recordUserCode({
    createHasher: createSha256,
    answer(port, args) {
      const ask = users[port as keyof ReferenceUsers] as (...args: unknown[]) => PlainData
      return ask(...(JSON.parse(args) as unknown[]))
    },
    at: () => {},
    onFull: () => {
      throw new Error('too many texts')
    },
  })
}

/** The product's input for a run of the reference. */
export function timelineInput(input: ReferenceInput, options: { interval: Interval; lookback: number }): TimelineInput {
  const { interval, lookback } = options
  const { symbols } = input.config
  const start = input.opens[0]!
  const end = input.opens.at(-1)!
  return {
    config: configOf(input, interval),
    ...(input.users === undefined ? {} : { user: userOf(input.users) }),
    series: input.bars.map((bars, symbol) => seriesOf(symbols[symbol]!, interval, bars)),
    window: { firstSlot: slotOf(interval, start), endSlot: slotOf(interval, end), start, end },
    lookback,
    instruments: input.instruments.map((plain, symbol) => instrumentOf(input, symbol, plain)),
    ...perpInput(input),
    ...detailInput(input),
    decisions: packDecisions(input.decisions),
  }
}
