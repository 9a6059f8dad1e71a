import { type Static, type TSchema, Type } from 'typebox'
import { BENCHMARK_METRICS } from '../performance/benchmark-metrics.ts'
import { EQUITY_METRICS } from '../performance/equity-metrics.ts'
import { METRIC_REASONS } from '../performance/metric.ts'
import { TRADE_METRICS } from '../performance/trade-metrics.ts'
import { oneOf } from './one-of.ts'
import { metricsShape } from './result-metrics.ts'
import { TRADE_COUNTS } from './result.ts'

const strict = { additionalProperties: false } as const
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Count = Type.Integer({ minimum: 0 })
const Normalised = Type.Array(Type.Number(), { description: 'E of each day / E at the start' })

/** Metrics that are computed again over the common window. */
export const COMPARED_METRICS = [...EQUITY_METRICS, ...BENCHMARK_METRICS, ...TRADE_METRICS, 'dsr'] as const

const RunInComparison = Type.Object(
  {
    id: Type.String(),
    /** Of the strategy and its parameters, for people. */
    name: Type.String(),
    initialEquity: Type.Number(),
    finalEquity: Type.Number(),
    metrics: metricsShape(COMPARED_METRICS),
    counts: Type.Object(TRADE_COUNTS, strict),
    normalised: Normalised,
  },
  strict,
)

const Pair = Type.Object(
  {
    a: Type.Integer({ minimum: 0, description: 'Place in runs' }),
    b: Type.Integer({ minimum: 0, description: 'Place in runs' }),
    correlation: nullable(Type.Number({ description: 'Pearson, daily returns' })),
    drawdownOverlap: nullable(Type.Number({ description: 'Days with both below their peaks / days with one' })),
    meanDifference: nullable(Type.Number({ description: 'Mean of r_a − r_b per day' })),
    interval: nullable(
      Type.Object(
        { low: Type.Number(), high: Type.Number() },
        { ...strict, description: '5–95 % of the mean difference' },
      ),
    ),
    reason: nullable(oneOf(METRIC_REASONS)),
    n: Count,
  },
  strict,
)

/** 2 to 5 completed runs over the span that all of them cover (definition `comparison/v1`). */
export const Comparison = Type.Object(
  {
    def: Type.Literal('comparison/v1'),
    window: Type.Object({ start: Type.Number(), end: Type.Number() }, strict),
    days: Type.Array(Type.Number({ description: 'Start of the day, ms UTC; the start of the window first' })),
    periodsPerYear: Type.Number(),
    riskFree: Type.Number(),
    quote: nullable(Type.String({ description: 'null: instrument data of a symbol is missing' })),
    runs: Type.Array(RunInComparison),
    benchmark: Type.Object(
      {
        of: Type.String({ description: 'Run whose benchmark this is' }),
        metrics: metricsShape(EQUITY_METRICS),
        normalised: Normalised,
      },
      strict,
    ),
    pairs: Type.Array(Pair),
    trials: Type.Object(
      {
        count: Count,
        definition: Type.String(),
        /** Whether there are more recorded runs than were read. */
        capped: Type.Boolean(),
      },
      strict,
    ),
  },
  strict,
)
export type Comparison = Static<typeof Comparison>
