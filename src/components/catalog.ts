/** The components that there are. A missing default of a parameter means that it must be given. */
import { FILL_POLICIES } from '../policies/fill.ts'
import { readFeeTiers } from '../policies/fee-tiers.ts'
import { amount, amountOr, builtin, count, type BuiltinRule, type ParameterRule } from './parameter-rules.ts'

export const PORTS = ['fee', 'slippage', 'sizing', 'capacity', 'risk', 'fill'] as const
export type Port = (typeof PORTS)[number]

interface PortRule {
  readonly builtins: readonly BuiltinRule[]
  /** Public names without an implementation in this release. */
  readonly later: readonly string[]
  /** Builtin and parameters that a bare number stands for; null: a number is an error. */
  readonly number: { readonly builtin: string; readonly params: readonly string[] } | null
}

const FEE = { minimum: -0.001, maximum: 0.05 }
const bps: ParameterRule = {
  description: 'basis points of the price',
  default: () => 0,
  minimum: 0,
  maximum: 10_000,
}
const tiers: ParameterRule = {
  description: 'rates by the notional traded before the fill',
  default: null,
  form: '"from:maker:taker, …"',
  problem(text) {
    const read = readFeeTiers(text)
    return typeof read === 'string' ? read : null
  },
}

const FEES: readonly BuiltinRule[] = [
  builtin('percent', {
    maker: { description: 'share of notional for makers', default: () => 0.0002, ...FEE },
    taker: { description: 'share of notional for takers', default: () => 0.0004, ...FEE },
  }),
  builtin('perUnit', {
    amount: amount('quote currency a unit of base quantity'),
    minimum: { description: 'least fee of a fill, quote currency', default: () => 0, minimum: 0, maximum: 1e15 },
  }),
  builtin('tiered', { tiers }),
  builtin('zero'),
]

const SLIPPAGES: readonly BuiltinRule[] = [
  builtin('bps', { bps }),
  builtin('halfSpread', { spread: amount('spread between bid and ask, quote currency') }),
  builtin('volume', {
    k: amountOr('factor of the squared share of volume', () => 0.1),
    maxPercent: {
      description: 'most that a price moves, percent',
      default: () => 10,
      minimum: 0,
      maximum: 100,
      aboveMinimum: true,
    },
  }),
]

const SIZINGS: readonly BuiltinRule[] = [
  builtin('percentOfEquity', {
    percent: amountOr('notional as a share of equity, percent', ({ symbolCount }) => 100 / Math.max(1, symbolCount)),
  }),
  builtin('fixedQuantity', { quantity: amount('base quantity of an entry') }),
  builtin('fixedNotional', { notional: amount('quote currency of an entry') }),
  builtin('riskPerTrade', { percent: amount('loss at the stop loss as a share of equity, percent') }),
  builtin('volatilityTarget', {
    percent: amount('standard deviation of one bar as a share of equity, percent'),
    period: { ...count('returns that the deviation is taken of', () => 20), minimum: 2, maximum: 100_000 },
  }),
  builtin('kelly', {
    fraction: { ...amountOr('share of the Kelly share', () => 0.5), maximum: 1 },
    window: { ...count('closed trades that it looks back on', () => 20), maximum: 10_000 },
    startPercent: amountOr('notional as a share of equity until there are so many trades, percent', () => 10),
  }),
  builtin('strength', {
    percent: amountOr(
      'notional at confidence 1 as a share of equity, percent',
      ({ symbolCount }) => 100 / Math.max(1, symbolCount),
    ),
  }),
]

const CAPACITIES: readonly BuiltinRule[] = [
  builtin('maxPositions', {
    max: count('open lots and working entries together', ({ symbolCount }) => Math.max(1, symbolCount)),
  }),
  builtin('maxLegs', { max: count('entries, open or working, and their take profits and stop losses', null) }),
  builtin('maxPerSymbol', { max: count('open lots and working entries of each symbol', () => 1) }),
  builtin('grossExposure', { percent: amountOr('holdings and reserves as a share of equity, percent', () => 100) }),
  builtin('unlimited'),
]

const RISKS: readonly BuiltinRule[] = [
  builtin('none'),
  builtin('maxLossToStop', { percent: amount('loss at the stop loss as a share of equity, percent') }),
  builtin('grossExposure', { percent: amount('holdings and reserves with the order as a share of equity, percent') }),
  builtin('dailyLoss', { percent: amount('loss of the UTC day as a share of its first equity, percent') }),
]

/** The first builtin of a port is its default. */
export const CATALOG: ReadonlyMap<Port, PortRule> = new Map<Port, PortRule>([
  ['fee', { builtins: FEES, later: [], number: { builtin: 'percent', params: ['maker', 'taker'] } }],
  ['slippage', { builtins: SLIPPAGES, later: [], number: { builtin: 'bps', params: ['bps'] } }],
  [
    'sizing',
    {
      builtins: SIZINGS,
      later: [],
      number: { builtin: 'percentOfEquity', params: ['percent'] },
    },
  ],
  [
    'capacity',
    {
      builtins: CAPACITIES,
      later: [],
      number: { builtin: 'maxPositions', params: ['max'] },
    },
  ],
  ['risk', { builtins: RISKS, later: [], number: null }],
  ['fill', { builtins: FILL_POLICIES.map((name) => builtin(name)), later: [], number: null }],
])
