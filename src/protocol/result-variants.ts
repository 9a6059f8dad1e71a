import { type Static, Type } from 'typebox'
import { metricsShape } from './result-metrics.ts'

const strict = { additionalProperties: false } as const
const Count = Type.Integer({ minimum: 0 })

/** What of a variant is shown. */
export const VARIANT_METRICS = ['total_return', 'max_drawdown', 'sharpe'] as const

/** The same decisions played by the host under another configuration; it is no part of the outcome. */
export const ResultVariant = Type.Object(
  {
    finalEquity: Type.Number(),
    metrics: metricsShape(VARIANT_METRICS),
    trades: Count,
    fills: Count,
    refusals: Count,
    fees: Type.Number(),
    slippage: Type.Number(),
  },
  strict,
)
export type ResultVariant = Static<typeof ResultVariant>

/** Why a variant that the run calls for is not there, for people. */
export const VariantsMissing = Type.Object(
  { underDefaults: Type.Optional(Type.String()), boundsRerun: Type.Optional(Type.String()) },
  strict,
)
export type VariantsMissing = Static<typeof VariantsMissing>
