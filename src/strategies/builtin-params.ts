import { type FieldError, PlatformError } from '../errors.ts'
import type { BuiltinSpec, FlatJson } from '../protocol/run-config.ts'
import { type ParamSpec, type ParamTable, resolveParams } from './param-table.ts'

export const BUILTIN_STRATEGIES = ['SmaCrossover', 'BuyAndHold'] as const
export type BuiltinStrategy = (typeof BUILTIN_STRATEGIES)[number]

/** Built-ins of the public list that have no kernel yet: refused by name. */
const NOT_YET: readonly string[] = ['RsiMeanReversion', 'Momentum', 'PeakEmaReversal', 'Ensemble']

const length = (value: number, description: string): ParamSpec => ({
  type: 'integer',
  default: value,
  minimum: 1,
  maximum: 100_000,
  description,
})

const TABLES: Readonly<Record<BuiltinStrategy, ParamTable>> = {
  SmaCrossover: new Map([
    ['fast', length(10, 'bars of the fast average')],
    ['slow', length(30, 'bars of the slow average')],
  ]),
  BuyAndHold: new Map(),
}

export function isBuiltinStrategy(name: string): name is BuiltinStrategy {
  return (BUILTIN_STRATEGIES as readonly string[]).includes(name)
}

/** The parameter table of a built-in strategy. */
export function builtinParamTable(name: BuiltinStrategy): ParamTable {
  return TABLES[name]
}

/**
 * A built-in strategy with every parameter present and checked.
 * @throws PlatformError invalid_config, pointers below /strategy
 */
export function resolveBuiltinStrategy(name: string, params: FlatJson): BuiltinSpec {
  if (!isBuiltinStrategy(name)) {
    const known = BUILTIN_STRATEGIES.join(', ')
    refuse([
      {
        pointer: '/strategy/builtin',
        message: NOT_YET.includes(name)
          ? `"${name}" is not supported yet`
          : `"${name}" is not a built-in strategy, expected ${known}`,
      },
    ])
  }
  const resolved = resolveParams(TABLES[name], params)
  if (resolved.errors.length > 0) refuse(resolved.errors)
  const { fast, slow } = resolved.params
  if (name === 'SmaCrossover' && (fast as number) >= (slow as number)) {
    refuse([{ pointer: '/strategy/params/fast', message: `must be less than slow (${String(slow)})` }])
  }
  return { builtin: name, params: resolved.params }
}

function refuse(errors: readonly FieldError[]): never {
  const first = errors[0]!
  throw new PlatformError('invalid_config', `Cannot use the strategy: "${first.pointer}" ${first.message}`, { errors })
}
