/** The components that there are. Parameters are numbers; a missing default means that it depends on the run. */

export const PORTS = ['fee', 'slippage', 'sizing', 'capacity', 'risk', 'fill'] as const
export type Port = (typeof PORTS)[number]

/** What defaults may depend on. */
export interface ComponentDefaults {
  readonly symbolCount: number
}

export interface ParameterRule {
  readonly default: ((defaults: ComponentDefaults) => number) | null
  readonly minimum: number
  readonly maximum: number
  /** Whether `minimum` itself is refused. */
  readonly aboveMinimum?: true
  readonly integer?: true
}

export interface BuiltinRule {
  readonly name: string
  readonly params: ReadonlyMap<string, ParameterRule>
}

interface PortRule {
  readonly builtins: readonly BuiltinRule[]
  /** Public names without an implementation in this release. */
  readonly later: readonly string[]
  /** Builtin and parameters that a bare number stands for; null: a number is an error. */
  readonly number: { readonly builtin: string; readonly params: readonly string[] } | null
}

const MAX_AMOUNT = 1e15
const FEE = { minimum: -0.001, maximum: 0.05 }
const AMOUNT: ParameterRule = { default: null, minimum: 0, maximum: MAX_AMOUNT, aboveMinimum: true }

function builtin(name: string, params: Record<string, ParameterRule> = {}): BuiltinRule {
  return { name, params: new Map(Object.entries(params)) }
}

/** The first builtin of a port is its default. */
export const CATALOG: ReadonlyMap<Port, PortRule> = new Map<Port, PortRule>([
  [
    'fee',
    {
      builtins: [
        builtin('percent', { maker: { default: () => 0.0002, ...FEE }, taker: { default: () => 0.0004, ...FEE } }),
      ],
      later: ['perUnit', 'tiered', 'zero'],
      number: { builtin: 'percent', params: ['maker', 'taker'] },
    },
  ],
  [
    'slippage',
    {
      builtins: [builtin('bps', { bps: { default: () => 0, minimum: 0, maximum: 10_000 } })],
      later: ['halfSpread', 'volume'],
      number: { builtin: 'bps', params: ['bps'] },
    },
  ],
  [
    'sizing',
    {
      builtins: [
        builtin('percentOfEquity', {
          percent: { ...AMOUNT, default: (defaults) => 100 / Math.max(1, defaults.symbolCount) },
        }),
        builtin('fixedQuantity', { quantity: AMOUNT }),
        builtin('fixedNotional', { notional: AMOUNT }),
      ],
      later: ['riskPerTrade', 'volatilityTarget', 'kelly', 'strength'],
      number: { builtin: 'percentOfEquity', params: ['percent'] },
    },
  ],
  [
    'capacity',
    {
      builtins: [
        builtin('maxPositions', {
          max: {
            default: (defaults) => Math.max(1, defaults.symbolCount),
            minimum: 1,
            maximum: 1_000_000,
            integer: true,
          },
        }),
      ],
      later: ['maxLegs', 'maxPerSymbol', 'grossExposure', 'unlimited'],
      number: { builtin: 'maxPositions', params: ['max'] },
    },
  ],
  ['risk', { builtins: [builtin('none')], later: ['maxLossToStop', 'dailyLoss'], number: null }],
  [
    'fill',
    { builtins: [builtin('worst')], later: ['best', 'path_color', 'path_near', 'random', 'detail'], number: null },
  ],
])
