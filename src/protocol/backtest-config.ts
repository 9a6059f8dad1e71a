import { type Static, Type } from 'typebox'
import { INTERVALS } from '../candles/interval.ts'
import { oneOf } from './one-of.ts'
import { PROFILES } from './profile-names.ts'

const strict = { additionalProperties: false } as const
const nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([Type.Null(), schema])

export const PATH_PATTERN = '^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*\\.(ts|mts|js|mjs|json)$'
export const SYMBOL_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$'

/** Limits of SHAPES 1 that a schema cannot say. */
export const CONFIG_LIMITS = {
  files: 64,
  fileBytes: 1024 * 1024,
  flatJsonBytes: 64 * 1024,
  labels: 16,
  labelLength: 64,
  executors: 16,
} as const

const FlatValue = Type.Union([Type.String({ maxLength: 65_536 }), Type.Number(), Type.Boolean(), Type.Null()])
const FlatJson = Type.Record(Type.String({ pattern: '^[^\\u0000]{1,128}$' }), FlatValue, strict)

const BuiltinRef = Type.Object({ builtin: Type.String({ maxLength: 64 }), params: Type.Optional(FlatJson) }, strict)
const ModuleRef = Type.Object(
  {
    module: Type.String({ pattern: PATH_PATTERN, maxLength: 200 }),
    class: Type.Optional(Type.String({ pattern: '^[A-Za-z_$][A-Za-z0-9_$]*$', maxLength: 128 })),
    params: Type.Optional(FlatJson),
  },
  strict,
)
export const UserPolicyRef = Type.Object(
  {
    module: Type.String({ maxLength: 200 }),
    class: Type.Optional(Type.String({ maxLength: 128 })),
    function: Type.Optional(Type.String({ maxLength: 128 })),
    params: Type.Optional(FlatJson),
  },
  strict,
)
/** null, {}, a name, a number, a builtin or a user's class: read by the component loader (SHAPES 3). */
export const ComponentSpec = Type.Union([
  Type.Null(),
  Type.Object({}, strict),
  Type.String({ maxLength: 64 }),
  Type.Number(),
  BuiltinRef,
  UserPolicyRef,
])
export type ComponentSpec = Static<typeof ComponentSpec>

const Instant = nullable(Type.Union([Type.Integer({ minimum: 0, maximum: 8.64e15 }), Type.String({ maxLength: 40 })]))

const Execution = Type.Object(
  {
    marketFill: Type.Optional(oneOf(['next_open', 'same_close'])),
    onSame: Type.Optional(oneOf(['ignore', 'add', 'replace'])),
    onShortfall: Type.Optional(oneOf(['shrink', 'refuse'])),
    retryBars: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    maxWaitBars: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    limitTouch: Type.Optional(Type.String({ pattern: '^(strict|touch|penetrate_ticks=[1-9][0-9]{0,3})$' })),
    trailBasis: Type.Optional(oneOf(['extreme', 'close'])),
    bracketFrom: Type.Optional(oneOf(['line', 'next_bar', 'market_entries'])),
    restingLimit: Type.Optional(oneOf(['limit', 'open'])),
    quantity: Type.Optional(oneOf(['steps', 'integer'])),
    cashCheck: Type.Optional(oneOf(['admit', 'submission_and_fill', 'fill'])),
    participation: Type.Optional(nullable(Type.Number({ exclusiveMinimum: 0, maximum: 1 }))),
    clampSlippage: Type.Optional(Type.Boolean()),
  },
  strict,
)

const FundingSchedule = Type.Object(
  { everyHours: Type.Integer({ minimum: 1, maximum: 24 }), rate: Type.Number({ minimum: -0.1, maximum: 0.1 }) },
  strict,
)

const Perpetual = Type.Object(
  {
    leverage: Type.Optional(Type.Number({ minimum: 1, maximum: 1000 })),
    marginMode: Type.Optional(oneOf(['isolated', 'cross'])),
    allowShort: Type.Optional(Type.Boolean()),
    onOpposite: Type.Optional(oneOf(['close', 'reverse', 'ignore'])),
    mark: Type.Optional(oneOf(['auto', 'last'])),
    funding: Type.Optional(Type.Union([oneOf(['data', 'none']), FundingSchedule])),
  },
  strict,
)

const Options = Type.Object(
  {
    policy: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' })),
    workers: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 16 }))),
    proof: Type.Optional(Type.Boolean()),
    cache: Type.Optional(Type.Boolean()),
    priority: Type.Optional(Type.Integer({ minimum: -100, maximum: 100 })),
    labels: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[^\\u0000]{1,64}$' }),
        Type.String({ maxLength: CONFIG_LIMITS.labelLength }),
        {
          ...strict,
          maxProperties: CONFIG_LIMITS.labels,
        },
      ),
    ),
    bounds: Type.Optional(oneOf(['local', 'rerun'])),
  },
  strict,
)

/** A backtest as users write it (SHAPES 1). Defaults are the business of parseConfig. */
export const BacktestConfig = Type.Object(
  {
    strategy: Type.Union([BuiltinRef, ModuleRef]),
    files: Type.Optional(
      Type.Record(Type.String({ pattern: PATH_PATTERN, maxLength: 200 }), Type.String(), {
        ...strict,
        maxProperties: CONFIG_LIMITS.files,
      }),
    ),
    market: Type.Optional(oneOf(['spot', 'perpetual'])),
    symbols: Type.Array(Type.String({ pattern: SYMBOL_PATTERN }), { minItems: 1, maxItems: 500 }),
    interval: oneOf(INTERVALS),
    start: Type.Optional(Instant),
    end: Type.Optional(Instant),
    initialCash: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e15 })),
    fee: Type.Optional(ComponentSpec),
    slippage: Type.Optional(ComponentSpec),
    sizing: Type.Optional(ComponentSpec),
    capacity: Type.Optional(ComponentSpec),
    risk: Type.Optional(ComponentSpec),
    fill: Type.Optional(ComponentSpec),
    executors: Type.Optional(
      Type.Record(Type.String({ pattern: '^[^\\u0000]{1,64}$' }), UserPolicyRef, {
        ...strict,
        maxProperties: CONFIG_LIMITS.executors,
      }),
    ),
    profile: Type.Optional(oneOf(PROFILES)),
    detailInterval: Type.Optional(nullable(oneOf(INTERVALS))),
    endOfData: Type.Optional(oneOf(['open', 'close'])),
    execution: Type.Optional(Execution),
    data: Type.Optional(
      Type.Object(
        {
          gaps: Type.Optional(oneOf(['mark', 'refuse'])),
          maxSyntheticShare: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
          maxGapBars: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
        },
        strict,
      ),
    ),
    metrics: Type.Optional(
      Type.Object(
        {
          periodsPerYear: Type.Optional(nullable(Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }))),
          riskFree: Type.Optional(Type.Number({ exclusiveMinimum: -1, maximum: 10 })),
        },
        strict,
      ),
    ),
    benchmark: Type.Optional(
      nullable(Type.Object({ symbol: Type.String({ pattern: SYMBOL_PATTERN }), interval: oneOf(INTERVALS) }, strict)),
    ),
    perpetual: Type.Optional(Perpetual),
    seed: Type.Optional(Type.String({ maxLength: 256 })),
    args: Type.Optional(FlatJson),
    options: Type.Optional(Options),
  },
  strict,
)
export type BacktestConfig = Static<typeof BacktestConfig>
