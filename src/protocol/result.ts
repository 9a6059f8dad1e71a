import { type Static, type TSchema, Type } from 'typebox'
import { UserPolicyRef } from './backtest-config.ts'
import { METRIC_NAMES } from '../performance/metric.ts'
import { INTERVALS } from '../candles/interval.ts'
import { MARKETS } from '../candles/symbol.ts'
import { FILL_POLICIES } from '../policies/fill.ts'
import { PROFILES } from './profile-names.ts'
import { OUTCOME_KINDS, SourceLocation } from './outcome.ts'
import { Daily, metricsShape, ResultBenchmark } from './result-metrics.ts'
import { ResultFunding, ResultLiquidation, ResultLot, ResultPerpetual } from './result-positions.ts'
import { ResultVariant, VariantsMissing } from './result-variants.ts'
import { UnitReport } from './runner-result.ts'
import { SymbolQuality } from './symbol-quality.ts'

const strict = { additionalProperties: false } as const
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** Unions made from a list carry their type by hand: the library infers it from tuples only. */
const oneOf = <T extends string>(values: readonly T[]) =>
  Type.Unsafe<T>(Type.Union(values.map((value) => Type.Literal(value))))
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Count = Type.Integer({ minimum: 0 })
const Flat = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]))
const Builtin = Type.Object({ builtin: Type.String(), params: Flat }, strict)
const Policy = Type.Union([Builtin, UserPolicyRef])

export const ResultOutcome = Type.Object(
  {
    kind: oneOf(OUTCOME_KINDS),
    reason: nullable(Type.String()),
    message: Type.String(),
    hint: nullable(Type.String()),
    location: nullable(SourceLocation),
    pointer: nullable(Type.String()),
    exitCode: nullable(Type.Number()),
    signal: nullable(Type.String()),
    killedBy: nullable(Type.Union([Type.Literal('host'), Type.Literal('kernel')])),
    limits: Type.Record(Type.String(), Type.Unknown()),
    usage: Type.Object(
      {
        wallMs: Type.Number(),
        cpuNanos: nullable(Type.Number()),
        peakMemoryBytes: nullable(Type.Number()),
        stdoutBytes: Type.Number(),
        stderrBytes: Type.Number(),
        bars: nullable(Type.Number()),
      },
      strict,
    ),
    lastBarTime: nullable(Type.Number()),
    attempt: Type.Number(),
  },
  strict,
)

/** The configuration after defaults, as it was run; enough to run it again. */
const ResultConfig = Type.Object(
  {
    strategy: Type.Union([Builtin, Type.Object({ module: Type.String(), class: Type.String(), params: Flat }, strict)]),
    files: Type.Array(Type.Object({ path: Type.String(), source: Type.String() }, strict)),
    market: oneOf(MARKETS),
    perpetual: Type.Optional(ResultPerpetual),
    symbols: Type.Array(Type.String()),
    interval: oneOf(INTERVALS),
    detailInterval: Type.Optional(oneOf(INTERVALS)),
    start: nullable(Type.Number()),
    end: nullable(Type.Number()),
    initialCash: Type.Number(),
    fee: Policy,
    slippage: Policy,
    sizing: Policy,
    capacity: Policy,
    risk: Policy,
    fill: Type.Union([oneOf(FILL_POLICIES), UserPolicyRef]),
    executors: Type.Optional(Type.Record(Type.String(), UserPolicyRef)),
    profile: oneOf(PROFILES),
    endOfData: oneOf(['open', 'close'] as const),
    execution: Type.Record(Type.String(), Type.Unknown()),
    data: Type.Record(Type.String(), Type.Unknown()),
    benchmark: Type.Optional(Type.Object({ symbol: Type.String(), interval: oneOf(INTERVALS) }, strict)),
    metrics: Type.Object({ periodsPerYear: nullable(Type.Number()), riskFree: Type.Number() }, strict),
    seed: Type.String(),
    args: Flat,
  },
  strict,
)

/** How far a run was checked for look-ahead (V4). */
export const Proof = Type.Object(
  {
    verdict: oneOf(['proved', 'refuted'] as const),
    /** Instants at which the run was looked at again. */
    cuts: Count,
    /** Decisions of the run, and how many of them were made at a cut. */
    decisions: Count,
    covered: Count,
    /** The same of answers of code of the user in phase 2. */
    answers: Count,
    coveredAnswers: Count,
    /** Share of leaking decisions and answers that is excluded at 99 %; null: refuted. */
    excludedLeakRate: nullable(Type.Number()),
    /** Of the stream that the cuts were drawn from. */
    seed: Hash,
    /** First decision or answer that differs, and the instant of its cut. */
    refuted: nullable(
      Type.Object({ cut: Type.Number(), row: Count, what: oneOf(['decision', 'answer'] as const) }, strict),
    ),
  },
  strict,
)
export type Proof = Static<typeof Proof>

export const TRUST_LEVELS = ['claimed', 'recomputed'] as const
const TrustLevel = oneOf(TRUST_LEVELS)

/** Who vouches for what (V3): `recomputed` figures are the host's own, `claimed` ones the cell's. */
export const Trust = Type.Object(
  {
    decisions: oneOf(['claimed', 'proved'] as const),
    fees: TrustLevel,
    slippage: TrustLevel,
    sizing: TrustLevel,
    capacity: TrustLevel,
    fills: TrustLevel,
  },
  strict,
)
export type Trust = Static<typeof Trust>

const RefusalCount = Type.Object(
  {
    reason: Type.String(),
    rule: Type.String(),
    text: Type.String(),
    count: Count,
    /** The most frequent words of a policy of the user, at most 10; absent: it said none, or the policy is built in. */
    details: Type.Optional(Type.Array(Type.Object({ text: Type.String(), count: Count }, strict))),
  },
  strict,
)

/** Of closed trades; the averages are null without any. */
export const TRADE_COUNTS = {
  trades: Count,
  wins: Count,
  losses: Count,
  breakEven: Count,
  averageWin: nullable(Type.Number()),
  averageLoss: nullable(Type.Number()),
}

export const ResultSummary = Type.Object(
  {
    initialCash: Type.Number(),
    finalEquity: Type.Number(),
    finalCash: Type.Number(),
    metrics: metricsShape(METRIC_NAMES),
    counts: Type.Object(
      {
        ...TRADE_COUNTS,
        fills: Count,
        orders: Count,
        openLots: Count,
        refusals: Count,
        fees: Type.Number(),
        slippage: Type.Number(),
        realised: Type.Number(),
        /** Perpetuals: received less paid, payments, liquidated isolated positions, clamps of E or of a wallet at 0. */
        funding: Type.Optional(Type.Number()),
        fundingPayments: Type.Optional(Count),
        liquidations: Type.Optional(Count),
        writtenOff: Type.Optional(Type.Number()),
      },
      strict,
    ),
    refusalsByReason: Type.Array(RefusalCount),
    daily: Daily,
  },
  strict,
)
export type ResultSummary = Static<typeof ResultSummary>

/** A table that lies beside the result as an Arrow file. */
const Artifact = Type.Object({ artifact: Type.String(), rows: Count }, strict)
export type Artifact = Static<typeof Artifact>

const Ambiguity = Type.Object(
  {
    /** Ambiguous bars (F8), and how many of them are listed. */
    count: Count,
    /** Sum of the differences between both lines of each ambiguous bar, quote currency; no knock-on effects. */
    boundsLocal: Type.Number(),
    /** On request: the run whole under `worst` and `best`, with all that follows from another fill. */
    boundsRerun: Type.Optional(Type.Object({ worst: ResultVariant, best: ResultVariant }, strict)),
    /** Cross margin: bars whose extremes together would have liquidated the account, and whose close did not (L4). */
    crossAmbiguous: Type.Optional(Count),
    bars: Type.Array(
      Type.Object({ symbol: Type.String(), time: Type.Number(), high: Type.Number(), low: Type.Number() }, strict),
    ),
  },
  strict,
)

const Provenance = Type.Object(
  {
    createdAt: Type.String(),
    image: nullable(Type.Object({ ref: Type.String(), id: Type.String(), digest: Type.String() }, strict)),
    node: Type.String(),
    arch: Type.String(),
    engine: Type.String(),
    units: Type.Array(UnitReport),
    /** Units whose decisions were taken from an earlier attempt; absent: none. */
    resumedUnits: Type.Optional(Count),
    /** Id of the run that computed the result, where this job has none of its own; absent: this one. */
    cachedFrom: Type.Optional(Type.String()),
    /** Moments of the run in ms since its start, and durations inside the cell. */
    timings: Type.Record(Type.String(), Type.Number()),
    bytes: Type.Object({ candles: Count, stdout: Count, stderr: Count }, strict),
  },
  strict,
)
export type Provenance = Static<typeof Provenance>

/** What API, CLI and report show of a run: written by the host, never by the cell. Failed runs have the same shape. */
export const Result = Type.Object(
  {
    v: Type.Literal(1),
    id: Type.String(),
    outcome: ResultOutcome,
    fingerprint: nullable(Hash),
    inputs: nullable(Hash),
    outcomeHash: nullable(Hash),
    ruleSet: Type.String(),
    rules: Type.Array(Type.String()),
    config: ResultConfig,
    options: Type.Object(
      {
        policy: Type.String(),
        workers: nullable(Type.Number()),
        priority: Type.Integer(),
        proof: Type.Boolean(),
        /** Absent in results of releases that had no cache. */
        cache: Type.Optional(Type.Boolean()),
        bounds: Type.Optional(Type.Literal('rerun')),
        labels: Type.Record(Type.String(), Type.String()),
      },
      strict,
    ),
    window: nullable(Type.Object({ start: Type.Number(), end: Type.Number(), bars: Count, lookback: Count }, strict)),
    trust: nullable(Trust),
    /** Settings of the run that let decisions or executors act on prices which they have seen (F1, F13). */
    lookAheadProne: Type.Optional(Type.Array(Type.String())),
    /** Null: nobody asked for one, or the run did not come so far. */
    proof: nullable(Proof),
    /** Where fees, slippage or fills are claimed: the same decisions under the built-in defaults (V3). */
    underDefaults: Type.Optional(ResultVariant),
    /** Why `underDefaults` or `ambiguity.boundsRerun` is not there although the run calls for it. */
    variantsMissing: Type.Optional(VariantsMissing),
    summary: nullable(ResultSummary),
    benchmark: nullable(ResultBenchmark),
    equity: nullable(Artifact),
    fills: nullable(Artifact),
    trades: nullable(Artifact),
    orders: nullable(Artifact),
    refusals: nullable(Artifact),
    lots: Type.Array(ResultLot),
    /** Perpetuals: payments and liquidated positions. */
    funding: Type.Array(ResultFunding),
    liquidations: Type.Optional(Type.Array(ResultLiquidation)),
    ambiguity: nullable(Ambiguity),
    dataQuality: Type.Array(SymbolQuality),
    limits: Type.Record(Type.String(), Type.Unknown()),
    provenance: Provenance,
    /** For the auditor: what the cell claimed and what the host computed, where they differ. */
    evidence: nullable(Type.Record(Type.String(), Type.Unknown())),
  },
  strict,
)
export type Result = Static<typeof Result>
