import { PlatformError } from '../errors.ts'
import { createMaxPositions, type CapacityPolicy } from '../policies/capacity.ts'
import { createPercentFee, type EventCostModel } from '../policies/fee.ts'
import {
  createFixedNotional,
  createFixedQuantity,
  createPercentOfEquity,
  type SizingModel,
} from '../policies/sizing.ts'
import { createBpsSlippage, type SlippageModel } from '../policies/slippage.ts'
import type { BuiltinSpec } from '../protocol/run-config.ts'
import type { Port } from './catalog.ts'
import { resolveComponentSpec } from './resolve-spec.ts'

export { resolveComponentSpec }
export type { Port }

/** A number parameter of a resolved spec. @throws `invariant` if the spec did not come from resolveComponentSpec. */
function numberOf(spec: BuiltinSpec, name: string): number {
  const value = Object.hasOwn(spec.params, name) ? spec.params[name] : undefined
  if (typeof value === 'number' && value - value === 0) return value
  throw new PlatformError(
    'invariant',
    `Cannot load component "${spec.builtin}": no number ${name}, expected a resolved spec`,
  )
}

function unknownBuiltin(port: Port, spec: BuiltinSpec): PlatformError {
  return new PlatformError('invariant', `Cannot load ${port} "${spec.builtin}": unknown, expected a resolved spec`)
}

export function loadFee(spec: BuiltinSpec): EventCostModel {
  if (spec.builtin === 'percent')
    return createPercentFee({ maker: numberOf(spec, 'maker'), taker: numberOf(spec, 'taker') })
  throw unknownBuiltin('fee', spec)
}

export function loadSlippage(spec: BuiltinSpec): SlippageModel {
  if (spec.builtin === 'bps') return createBpsSlippage({ bps: numberOf(spec, 'bps') })
  throw unknownBuiltin('slippage', spec)
}

export function loadSizing(spec: BuiltinSpec): SizingModel {
  if (spec.builtin === 'percentOfEquity') return createPercentOfEquity({ percent: numberOf(spec, 'percent') })
  if (spec.builtin === 'fixedNotional') return createFixedNotional({ notional: numberOf(spec, 'notional') })
  if (spec.builtin === 'fixedQuantity') return createFixedQuantity({ quantity: numberOf(spec, 'quantity') })
  throw unknownBuiltin('sizing', spec)
}

export function loadCapacity(spec: BuiltinSpec): CapacityPolicy {
  if (spec.builtin === 'maxPositions') return createMaxPositions({ max: numberOf(spec, 'max') })
  throw unknownBuiltin('capacity', spec)
}
