import { type TSchema, Type } from 'typebox'
import { INTERVALS } from '../candles/interval.ts'
import { EQUITY_METRICS } from '../performance/equity-metrics.ts'
import { METRIC_FLAGS, METRIC_REASONS, type MetricName } from '../performance/metric.ts'
import { oneOf } from './one-of.ts'

const strict = { additionalProperties: false } as const
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const MetricShape = Type.Object(
  {
    value: nullable(Type.Number()),
    reason: nullable(oneOf(METRIC_REASONS)),
    n: Type.Integer({ minimum: 0 }),
    A: nullable(Type.Number()),
    rf: nullable(Type.Number()),
    def: Type.String(),
    flags: Type.Array(oneOf(METRIC_FLAGS)),
  },
  strict,
)

export function metricsShape<N extends MetricName>(names: readonly N[]) {
  const shapes = Object.fromEntries(names.map((name) => [name, MetricShape])) as Record<N, typeof MetricShape>
  return Type.Object(shapes, strict)
}

/** Daily points, base bars lie in the equity artifact. `time[0]` is the first open, where E0 stands. */
export const Daily = Type.Object({ time: Type.Array(Type.Number()), equity: Type.Array(Type.Number()) }, strict)

export const ResultBenchmark = Type.Object(
  {
    /** buy_and_hold: of the run's own symbols; symbol: the one that the configuration names. */
    kind: oneOf(['buy_and_hold', 'symbol'] as const),
    symbols: Type.Array(Type.String()),
    interval: oneOf(INTERVALS),
    definition: Type.String(),
    finalEquity: Type.Number(),
    metrics: metricsShape(EQUITY_METRICS),
    daily: Daily,
    /** Daily equity / E0, of the run and of the benchmark, aligned with `daily`. */
    normalised: Type.Object({ run: Type.Array(Type.Number()), benchmark: Type.Array(Type.Number()) }, strict),
    /** Starts of the days on which both have a bar: alpha, beta and the like are of the returns between these. */
    days: Type.Array(Type.Number()),
  },
  strict,
)
