import * as indicatorts from 'indicatorts'
import * as classic from 'technicalindicators'
import * as streaming from 'trading-signals'
import type { CandleSeries } from '../../src/candles/series.ts'
import {
  INDICATOR_OUTPUTS,
  makeIndicator,
  resolveIndicatorParams,
  type IndicatorKind,
} from '../../src/indicators/catalogue.ts'
import { realShapedCandles } from './candles.ts'
import { type BenchContext, type BenchRow, pair, rowOf, cpuTimed } from './harness.ts'

const ROWS = 300_000
/** Libraries that look over their whole window at each row take seconds for more. */
const SLOW_ROWS = 60_000
/** Runs of each before the first round: both shall be measured as the best code that is made of them. */
const WARM_RUNS = 3

interface Candle {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** The same bars in the forms that the libraries take; made outside of what is timed. */
interface Inputs {
  readonly series: CandleSeries
  readonly high: number[]
  readonly low: number[]
  readonly close: number[]
  readonly volume: number[]
  readonly candles: readonly Candle[]
}

type Run = (inputs: Inputs) => unknown

function inputsOf(series: CandleSeries): Inputs {
  const list = (column: Float64Array): number[] => Array.from(column)
  const [open, high, low, close, volume] = [series.open, series.high, series.low, series.close, series.volume].map(
    list,
  ) as [number[], number[], number[], number[], number[]]
  const candles = open.map((value, i) => ({
    open: value,
    high: high[i]!,
    low: low[i]!,
    close: close[i]!,
    volume: volume[i]!,
  }))
  return { series, high, low, close, volume, candles }
}

/** A kernel over all rows into columns of its own, in blocks as a run does it. */
function runKernel(kind: IndicatorKind, given: Readonly<Record<string, number | string>>): Run {
  return ({ series }) => {
    const resolved = resolveIndicatorParams(kind, new Map(Object.entries(given)))
    if ('problem' in resolved) throw new Error(resolved.problem)
    const kernel = makeIndicator(kind, { params: resolved.params, input: { ...series, source: series.close } })
    const outputs = INDICATOR_OUTPUTS[kind].map(() => new Float64Array(series.rows))
    kernel.advance({ from: 0, to: series.rows, base: 0 }, outputs)
    return outputs
  }
}

/** An indicator that is told one row at a time, its answers kept. */
function stream<T>(
  make: () => { update(value: T, replace: boolean): unknown },
  rowsOf: (inputs: Inputs) => readonly T[],
): Run {
  return (inputs) => {
    const indicator = make()
    return rowsOf(inputs).map((row) => indicator.update(row, false))
  }
}

const closes = ({ close }: Inputs): readonly number[] => close
const bars = ({ candles }: Inputs): readonly Candle[] => candles

interface Case {
  readonly kind: IndicatorKind
  readonly params: Readonly<Record<string, number | string>>
  readonly rows?: number
  readonly indicatorts?: Run
  readonly streaming?: Run
  readonly classic?: Run
}

const CASES: readonly Case[] = [
  {
    kind: 'sma',
    params: { period: 20 },
    indicatorts: ({ close }) => indicatorts.sma(close, { period: 20 }),
    streaming: stream(() => new streaming.SMA(20), closes),
    classic: ({ close }) => classic.SMA.calculate({ period: 20, values: close }),
  },
  {
    kind: 'ema',
    params: { period: 20 },
    indicatorts: ({ close }) => indicatorts.ema(close, { period: 20 }),
    streaming: stream(() => new streaming.EMA(20), closes),
    classic: ({ close }) => classic.EMA.calculate({ period: 20, values: close }),
  },
  {
    kind: 'wma',
    params: { period: 20 },
    streaming: stream(() => new streaming.WMA(20), closes),
    classic: ({ close }) => classic.WMA.calculate({ period: 20, values: close }),
  },
  {
    kind: 'rsi',
    params: { period: 14 },
    indicatorts: ({ close }) => indicatorts.rsi(close, { period: 14 }),
    streaming: stream(() => new streaming.RSI(14), closes),
    classic: ({ close }) => classic.RSI.calculate({ period: 14, values: close }),
  },
  {
    kind: 'macd',
    params: { fast: 12, slow: 26, signal: 9 },
    indicatorts: ({ close }) => indicatorts.macd(close, { fast: 12, slow: 26, signal: 9 }),
    streaming: stream(
      () => new streaming.MACD(new streaming.EMA(12), new streaming.EMA(26), new streaming.EMA(9)),
      closes,
    ),
    classic: ({ close }) =>
      classic.MACD.calculate({
        values: close,
        fastPeriod: 12,
        slowPeriod: 26,
        signalPeriod: 9,
        SimpleMAOscillator: false,
        SimpleMASignal: false,
      }),
  },
  {
    kind: 'atr',
    params: { period: 14 },
    indicatorts: ({ high, low, close }) => indicatorts.atr(high, low, close, { period: 14 }),
    streaming: stream(() => new streaming.ATR(14), bars),
    classic: ({ high, low, close }) => classic.ATR.calculate({ period: 14, high, low, close }),
  },
  {
    kind: 'bollinger',
    params: { period: 20, deviations: 2 },
    indicatorts: ({ close }) => indicatorts.bb(close, { period: 20 }),
    streaming: stream(() => new streaming.BollingerBands(20, 2), closes),
    classic: ({ close }) => classic.BollingerBands.calculate({ period: 20, values: close, stdDev: 2 }),
  },
  {
    kind: 'stochastic',
    params: { period: 14, smooth: 1, signal: 3 },
    indicatorts: ({ high, low, close }) => indicatorts.stoch(high, low, close, { kPeriod: 14, dPeriod: 3 }),
    streaming: stream(() => new streaming.StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 1, dPeriod: 3 }), bars),
    classic: ({ high, low, close }) => classic.Stochastic.calculate({ period: 14, signalPeriod: 3, high, low, close }),
  },
  {
    kind: 'adx',
    params: { period: 14 },
    rows: SLOW_ROWS,
    streaming: stream(() => new streaming.ADX(14), bars),
    classic: ({ high, low, close }) => classic.ADX.calculate({ period: 14, high, low, close }),
  },
  {
    kind: 'obv',
    params: {},
    indicatorts: ({ close, volume }) => indicatorts.obv(close, volume),
    streaming: stream(() => new streaming.OBV(2), bars),
    classic: ({ close, volume }) => classic.OBV.calculate({ close, volume }),
  },
  {
    kind: 'vwap',
    params: { anchor: 'none' },
    streaming: stream(() => new streaming.VWAP(), bars),
    classic: ({ high, low, close, volume }) => classic.VWAP.calculate({ high, low, close, volume }),
  },
  {
    kind: 'donchian',
    params: { period: 20 },
    streaming: stream(() => new streaming.DonchianChannels(20), bars),
  },
  {
    kind: 'highest',
    params: { period: 20 },
    indicatorts: ({ close }) => indicatorts.mmax(close, { period: 20 }),
    classic: ({ close }) => classic.Highest.calculate({ period: 20, values: close }),
  },
  {
    kind: 'lowest',
    params: { period: 20 },
    indicatorts: ({ close }) => indicatorts.mmin(close, { period: 20 }),
    classic: ({ close }) => classic.Lowest.calculate({ period: 20, values: close }),
  },
  {
    kind: 'stddev',
    params: { period: 20, ddof: 0 },
    indicatorts: ({ close }) => indicatorts.mstd(close, { period: 20 }),
    classic: ({ close }) => classic.SD.calculate({ period: 20, values: close }),
  },
]

/** Each kernel beside the same indicator of three libraries, in one process and in turn. Formulas differ in their seeds; the work does not. */
export async function benchIndicators(context: BenchContext): Promise<BenchRow[]> {
  const inputs = inputsOf(realShapedCandles('IND', ROWS))
  const few = inputsOf(realShapedCandles('IND', SLOW_ROWS))
  const rows: BenchRow[] = []
  for (const { kind, params, rows: count = ROWS, ...libraries } of CASES) {
    const given = count === ROWS ? inputs : few
    const own = runKernel(kind, params)
    for (const [library, run] of Object.entries(libraries) as [keyof typeof libraries, Run][]) {
      for (let i = 0; i < WARM_RUNS; i += 1) for (const one of [own, run]) one(given)
      const measured = await pair(
        context.rounds,
        () => cpuTimed(() => own(given)),
        () => cpuTimed(() => run(given)),
      )
      const isAverage = library === 'indicatorts' && (kind === 'sma' || kind === 'ema')
      rows.push(
        rowOf({
          name: `${kind} over ${count.toLocaleString('en')} rows`,
          unit: 'CPU ms',
          baselineName: NAMES[library],
          goal: isAverage ? '>= 0.8' : '>= 1',
          measured: { ...measured, ratio: measured.b / measured.a },
        }),
      )
    }
  }
  return rows
}

const NAMES = { indicatorts: 'indicatorts', streaming: 'trading-signals', classic: 'technicalindicators' } as const
