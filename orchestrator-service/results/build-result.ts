import type { UserPortName } from '../../src/backtest/answer-log.ts'
import { REASON_TEXTS } from '../../src/backtest/explain-text.ts'
import type { RecordReason } from '../../src/backtest/records.ts'
import { ENGINE, RULE_SET, RULES } from '../../src/backtest/rule-set.ts'
import type { Window } from '../../src/backtest/window.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { DailySeries } from '../../src/performance/daily-series.ts'
import type { Outcome } from '../../src/protocol/outcome.ts'
import type { Proof, Provenance, Result, ResultSummary, Trust } from '../../src/protocol/result.ts'
import type { VariantsMissing } from '../../src/protocol/result-variants.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { RunAnalysis } from './analyse-run.ts'
import type { Variants } from './verify/play-variants.ts'
import type { AmbiguousBar } from '../../src/backtest/timeline-state.ts'
import { copyMetrics } from './copy-metrics.ts'
import { describeQuality } from './data-quality.ts'

const BENCHMARK_DEFINITION =
  'The symbols of the run held in equal parts from the first open of each, without costs; a part is cash until that open and marked at the last close'

/** Ambiguous bars, funding payments and liquidations beyond this are counted, not listed. */
const MAX_LISTED = 10_000

export interface BuildResultInput {
  readonly id: string
  readonly config: RunConfig
  readonly options: RunOptions
  readonly outcome: Outcome
  /** Null: the run ended before its data were known. */
  readonly data: {
    readonly window: Window
    readonly lookback: number
    readonly series: readonly CandleSeries[]
    readonly instruments: readonly (Instrument | null)[]
    readonly detail: readonly (CandleSeries | null)[]
  } | null
  /** Null: the run was not verified, so it has no figures. */
  readonly verified: {
    readonly analysis: RunAnalysis
    readonly fingerprint: string
    readonly inputs: string
    readonly outcomeHash: string
    readonly ambiguity: readonly AmbiguousBar[]
    /** All ambiguous bars, if `ambiguity` lists only some. */
    readonly ambiguityCount?: number
    /** Sum of high − low over all of them, if `ambiguity` lists only some. */
    readonly ambiguityDifference?: number
    readonly crossAmbiguous?: number
    /** What code of the user has answered; absent: nothing. */
    readonly askedPorts?: readonly UserPortName[]
    readonly variants?: Variants
  } | null
  readonly proof?: Proof | null
  readonly provenance: Omit<Provenance, 'engine' | 'bytes'>
  readonly evidence?: Readonly<Record<string, unknown>> | null
}

const table = (artifact: string, rows: number | undefined) => (rows === undefined ? null : { artifact, rows })

/** The Result of a run, whatever its end. Base-bar equity, fills, trades, orders and refusals stay in the artifacts. */
export function buildResult(input: BuildResultInput): Result {
  const { config, options, data, verified } = input
  const analysis = verified?.analysis ?? null
  const explanation = analysis?.explanation ?? null
  const traded = data?.series.map((series) => series.symbol) ?? config.symbols
  return {
    v: 1,
    id: input.id,
    outcome: { ...input.outcome, limits: { ...input.outcome.limits } },
    fingerprint: verified?.fingerprint ?? null,
    inputs: verified?.inputs ?? null,
    outcomeHash: verified?.outcomeHash ?? null,
    ruleSet: RULE_SET,
    rules: [...RULES],
    config: configOf(config),
    options: { ...options, labels: { ...options.labels } },
    window: data === null ? null : windowOf(data.window, data.lookback),
    trust: verified === null ? null : trustOf(input.proof ?? null, verified.askedPorts ?? []),
    ...proneOf(config),
    proof: input.proof ?? null,
    ...(verified?.variants?.underDefaults ? { underDefaults: verified.variants.underDefaults } : {}),
    ...missingOf(verified?.variants?.missing),
    summary: analysis === null ? null : summaryOf(analysis),
    benchmark: analysis === null ? null : benchmarkOf(analysis, config, traded),
    equity: table('equity.arrow', analysis?.equity.length),
    fills: table('fills.arrow', explanation?.fills.length),
    trades: table('trades.arrow', explanation?.trades.length),
    orders: table('orders.arrow', explanation?.orders.length),
    refusals: table('refusals.arrow', explanation?.refusals.length),
    lots: explanation === null ? [] : [...explanation.lots],
    funding: (explanation?.funding ?? []).slice(0, MAX_LISTED).map((one) => ({ ...one, flags: [...one.flags] })),
    ...(config.perpetual === undefined ? {} : { liquidations: (explanation?.liquidations ?? []).slice(0, MAX_LISTED) }),
    ambiguity: verified === null ? null : ambiguityOf(verified, traded),
    dataQuality:
      data === null
        ? []
        : data.series.map((s, i) =>
            describeQuality(s, data.window, {
              instrument: data.instruments[i] ?? null,
              detail: data.detail[i] ?? null,
            }),
          ),
    limits: { ...input.outcome.limits },
    provenance: {
      ...input.provenance,
      image: imageOf(input.provenance.image),
      units: [...input.provenance.units],
      engine: ENGINE,
      bytes: {
        candles: (data?.series ?? []).reduce((sum, series) => sum + series.rows * 48, 0),
        stdout: input.outcome.usage.stdoutBytes,
        stderr: input.outcome.usage.stderrBytes,
      },
    },
    evidence: input.evidence ?? null,
  }
}

/** An executor knows how its bar ends when it says whether an order fills there. */
function proneOf({ execution, executors }: RunConfig): Pick<Result, 'lookAheadProne'> {
  const prone = [
    ...(execution.marketFill === 'same_close' ? ['execution.marketFill: same_close'] : []),
    ...Object.keys(executors ?? {}).map((name) => `executors: ${name}`),
  ]
  return prone.length === 0 ? {} : { lookAheadProne: prone }
}

/** Only what says which image it was: callers may know more of it. */
function imageOf(image: Provenance['image']): Provenance['image'] {
  return image === null ? null : { ref: image.ref, id: image.id, digest: image.digest }
}

/** The host recomputes everything but decisions, and what code of the user has answered (V3). */
function trustOf(proof: Proof | null, asked: readonly UserPortName[]): Trust {
  const of = (...ports: UserPortName[]): Trust['fees'] =>
    ports.some((port) => asked.includes(port)) ? 'claimed' : 'recomputed'
  return {
    decisions: proof?.verdict === 'proved' ? 'proved' : 'claimed',
    fees: of('fee'),
    slippage: of('slippage'),
    sizing: of('sizing'),
    capacity: of('capacity', 'risk'),
    fills: of('fill', 'executor', 'exitResolver'),
  }
}

function windowOf(window: Window, lookback: number): NonNullable<Result['window']> {
  return { start: window.start, end: window.end, bars: window.endSlot - window.firstSlot, lookback }
}

function configOf(config: RunConfig): Result['config'] {
  return structuredClone(config) as unknown as Result['config']
}

function dailyOf(daily: DailySeries): { time: number[]; equity: number[] } {
  return { time: [...daily.time], equity: [...daily.equity] }
}

function summaryOf({ summary }: RunAnalysis): ResultSummary {
  return {
    ...summary,
    metrics: copyMetrics(summary.metrics),
    counts: { ...summary.counts },
    refusalsByReason: summary.refusalsByReason.map(({ reason, count, details }) => ({
      reason,
      ...textOf(reason),
      count,
      ...(details.length > 0 && { details: details.map((detail) => ({ ...detail })) }),
    })),
    daily: dailyOf(summary.daily),
  }
}

function textOf(reason: RecordReason): { rule: string; text: string } {
  const { rule, text } = REASON_TEXTS[reason]
  return { rule, text }
}

function benchmarkOf(
  { benchmark, summary }: RunAnalysis,
  { benchmark: own, interval }: RunConfig,
  symbols: readonly string[],
): NonNullable<Result['benchmark']> {
  return {
    kind: own === undefined ? 'buy_and_hold' : 'symbol',
    symbols: own === undefined ? [...symbols] : [own.symbol],
    interval: own?.interval ?? interval,
    definition: own === undefined ? BENCHMARK_DEFINITION : ownDefinition(own),
    finalEquity: benchmark.finalEquity,
    metrics: copyMetrics(benchmark.metrics),
    daily: dailyOf(benchmark.daily),
    normalised: { run: normalise(summary.daily), benchmark: normalise(benchmark.daily) },
    days: [...(benchmark.days ?? benchmark.daily.time.subarray(1))],
  }
}

function missingOf(missing: VariantsMissing | undefined): Pick<Result, 'variantsMissing'> {
  return missing === undefined || Object.keys(missing).length === 0 ? {} : { variantsMissing: { ...missing } }
}

function ownDefinition({ symbol, interval }: NonNullable<RunConfig['benchmark']>): string {
  return `${symbol} (${interval}) held from its first open in the window, without costs; cash until that bar closes, marked at its last close`
}

function normalise({ equity }: DailySeries): number[] {
  return Array.from(equity, (value) => value / equity[0]!)
}

function ambiguityOf(
  verified: NonNullable<BuildResultInput['verified']>,
  symbols: readonly string[],
): NonNullable<Result['ambiguity']> {
  let listed = 0
  for (const { high, low } of verified.ambiguity) listed += high - low
  return {
    count: verified.ambiguityCount ?? verified.ambiguity.length,
    boundsLocal: verified.ambiguityDifference ?? listed,
    ...(verified.variants?.rerun ? { boundsRerun: verified.variants.rerun } : {}),
    crossAmbiguous: verified.crossAmbiguous ?? 0,
    bars: verified.ambiguity
      .slice(0, MAX_LISTED)
      .map(({ symbol, time, high, low }) => ({ symbol: symbols[symbol]!, time, high, low })),
  }
}
