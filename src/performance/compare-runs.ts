import type { CreateHasher } from '../math/hasher.ts'
import { createRandomStream } from '../math/random.ts'
import { slotOf, slotOpen, type Interval } from '../candles/interval.ts'
import type { Window } from '../backtest/window.ts'
import { PlatformError } from '../errors.ts'
import { benchmarkMetrics, type BenchmarkMetrics } from './benchmark-metrics.ts'
import { commonWindow, type Span } from './common-window.ts'
import { returnsOf } from './daily-series.ts'
import { deflatedSharpe } from './deflated-sharpe.ts'
import { equityMetrics, type EquityFigures, type EquityMetrics } from './equity-metrics.ts'
import type { Metric } from './metric.ts'
import { comparePair, type PairOfRuns } from './pair-of-runs.ts'
import { tradeMetrics, type TradeCounts, type TradeMetrics } from './trade-metrics.ts'

export const MIN_COMPARED = 2
export const MAX_COMPARED = 5

/** A stored run, as a comparison needs it. */
export interface ComparedRun {
  readonly id: string
  readonly interval: Interval
  readonly window: Span
  readonly initialCash: number
  /** E, and the value of its benchmark, at the close of each base bar. */
  readonly equity: Float64Array
  readonly benchmark: Float64Array
  /** Starts of the days on which the benchmark has a bar; null: all. */
  readonly benchmarkDays: Float64Array | null
  /** Of each closed trade: instant of its last exit (ms UTC) and net P&L. */
  readonly trades: { readonly exitTime: Float64Array; readonly netPnl: Float64Array }
  /** Null: instrument data does not say. */
  readonly quote: string | null
}

export interface RunInComparison {
  readonly id: string
  /** E at the start of the common window. */
  readonly initialEquity: number
  readonly finalEquity: number
  readonly metrics: EquityMetrics & BenchmarkMetrics & TradeMetrics & { readonly dsr: Metric }
  /** Trades that were closed inside the common window. */
  readonly counts: TradeCounts
  /** E of each day / E at the start. */
  readonly normalised: Float64Array
}

export interface ComparisonFigures {
  readonly window: Span
  /** Start of each day, the start of the window first. */
  readonly days: Float64Array
  readonly periodsPerYear: number
  readonly riskFree: number
  readonly quote: string | null
  readonly runs: readonly RunInComparison[]
  readonly benchmark: { readonly metrics: EquityMetrics; readonly normalised: Float64Array }
  /** Of the runs `a` < `b`, as places in `runs`. */
  readonly pairs: readonly (PairOfRuns & { readonly a: number; readonly b: number })[]
  readonly trials: number
}

export interface CompareOptions {
  /** 2 to 5; the first says A, risk-free rate, benchmark and seed. */
  readonly runs: readonly ComparedRun[]
  readonly periodsPerYear: number
  readonly riskFree: number
  readonly seed: string
  /** Sharpe ratios per period of all trials that the system recorded, those of `runs` among them. */
  readonly trials: Float64Array
  readonly createHasher: CreateHasher
}

/**
 * Runs side by side over the span that all of them cover (definition `comparison/v1`): every figure is computed again
 * there, from the E that each run had at its start, with one A, one risk-free rate and the first run's benchmark.
 * @throws PlatformError invalid_request: other quote currencies, no common span, bankrupt before it
 */
export function compareRuns(options: CompareOptions): ComparisonFigures {
  const { runs, periodsPerYear, riskFree } = options
  const quote = commonQuote(runs)
  const window = commonWindow(runs)
  if (window === null) throw refusal('their windows have no whole bars in common')
  const first = runs[0]!
  const rates = { periodsPerYear, riskFree }
  const held = measure({ ...first, equity: first.benchmark }, window, rates)
  const measured = runs.map((run) => measure(run, window, rates))
  const daily = measured.map(({ daily: { equity }, ratio }) => ({ equity, returns: returnsOf(equity), ratio }))
  const pairs: ComparisonFigures['pairs'][number][] = []
  for (let a = 0; a < runs.length; a++) {
    for (let b = a + 1; b < runs.length; b++) {
      const label = `comparison/v1/${a}/${b}`
      const random = createRandomStream({ seed: options.seed, label, createHasher: options.createHasher })
      pairs.push({ a, b, ...comparePair(daily[a]!, daily[b]!, random) })
    }
  }
  return {
    window,
    days: held.daily.time,
    periodsPerYear,
    riskFree,
    quote,
    runs: runs.map((run, at) => describe(run, measured[at]!, { held, options, window })),
    benchmark: { metrics: held.metrics, normalised: normalise(held.daily.equity) },
    pairs,
    trials: options.trials.length,
  }
}

function refusal(state: string): PlatformError {
  return new PlatformError('invalid_request', `Cannot compare these runs: ${state}`)
}

function commonQuote(runs: readonly ComparedRun[]): string | null {
  const quotes = [...new Set(runs.map((run) => run.quote).filter((quote) => quote !== null))]
  if (quotes.length > 1) throw refusal(`they are in ${quotes.join(' and ')}, expected one quote currency`)
  return runs.every((run) => run.quote !== null) ? quotes[0]! : null
}

/** The part of a run that lies in the common window, measured as a run of its own. */
function measure(
  run: Pick<ComparedRun, 'id' | 'interval' | 'window' | 'initialCash' | 'equity'>,
  span: Span,
  rates: { periodsPerYear: number; riskFree: number },
): EquityFigures {
  const { interval } = run
  const firstSlot = slotOf(interval, span.start)
  const endSlot = slotOf(interval, span.end)
  const before = firstSlot - slotOf(interval, run.window.start)
  const initialCash = before === 0 ? run.initialCash : run.equity[before - 1]!
  if (!(initialCash > 0)) throw refusal(`"${run.id}" was bankrupt before their common window`)
  const window: Window = {
    firstSlot,
    endSlot,
    start: slotOpen(interval, firstSlot),
    end: slotOpen(interval, endSlot),
  }
  const equity = run.equity.slice(before, before + endSlot - firstSlot)
  return equityMetrics({ interval, window, initialCash, equity, ...rates })
}

function describe(
  run: ComparedRun,
  measured: EquityFigures,
  { held, options, window }: { held: EquityFigures; options: CompareOptions; window: Span },
): RunInComparison {
  const { metrics, daily } = measured
  const benchmark = { ...held, days: options.runs[0]!.benchmarkDays }
  const relative = benchmarkMetrics({ run: measured, benchmark, rates: options })
  const closed = run.trades.netPnl.filter((_, at) => {
    const time = run.trades.exitTime[at]!
    return time >= window.start && time < window.end
  })
  const initialEquity = daily.equity[0]!
  const trades = tradeMetrics(closed, initialEquity)
  return {
    id: run.id,
    initialEquity,
    finalEquity: daily.equity.at(-1)!,
    metrics: { ...metrics, ...relative, ...trades.metrics, dsr: deflatedSharpe(daily.equity, options.trials) },
    counts: trades.counts,
    normalised: normalise(daily.equity),
  }
}

function normalise(equity: Float64Array): Float64Array {
  const first = equity[0]!
  return equity.map((value) => value / first)
}
