import { PlatformError } from '../errors.ts'
import {
  createExposureCapacity,
  createMaxLegs,
  createMaxPerSymbol,
  createMaxPositions,
  createUnlimited,
  type CapacityPolicy,
} from '../policies/capacity.ts'
import { createPercentFee, createPerUnitFee, createTieredFee, type EventCostModel } from '../policies/fee.ts'
import { readFeeTiers } from '../policies/fee-tiers.ts'
import { createDailyLoss, createExposureRisk, createMaxLossToStop, type RiskPolicy } from '../policies/risk.ts'
import {
  createFixedNotional,
  createFixedQuantity,
  createKelly,
  createPercentOfEquity,
  createRiskPerTrade,
  createStrength,
  createVolatilityTarget,
  type SizingModel,
} from '../policies/sizing.ts'
import {
  createBpsSlippage,
  createHalfSpreadSlippage,
  createVolumeSlippage,
  type SlippageModel,
} from '../policies/slippage.ts'
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

function tiersOf(spec: BuiltinSpec): Parameters<typeof createTieredFee>[0] {
  const text = spec.params['tiers']
  const tiers = typeof text === 'string' ? readFeeTiers(text) : 'no text'
  if (typeof tiers !== 'string') return tiers
  throw new PlatformError('invariant', `Cannot load fee "tiered": ${tiers}, expected a resolved spec`)
}

function unknownBuiltin(port: Port, spec: BuiltinSpec): PlatformError {
  return new PlatformError('invariant', `Cannot load ${port} "${spec.builtin}": unknown, expected a resolved spec`)
}

export function loadFee(spec: BuiltinSpec): EventCostModel {
  if (spec.builtin === 'percent')
    return createPercentFee({ maker: numberOf(spec, 'maker'), taker: numberOf(spec, 'taker') })
  if (spec.builtin === 'perUnit')
    return createPerUnitFee({ amount: numberOf(spec, 'amount'), minimum: numberOf(spec, 'minimum') })
  if (spec.builtin === 'tiered') return createTieredFee(tiersOf(spec))
  if (spec.builtin === 'zero') return createPercentFee({ maker: 0, taker: 0 })
  throw unknownBuiltin('fee', spec)
}

export function loadSlippage(spec: BuiltinSpec): SlippageModel {
  if (spec.builtin === 'bps') return createBpsSlippage({ bps: numberOf(spec, 'bps') })
  if (spec.builtin === 'halfSpread') return createHalfSpreadSlippage({ spread: numberOf(spec, 'spread') })
  if (spec.builtin === 'volume')
    return createVolumeSlippage({ k: numberOf(spec, 'k'), maxPercent: numberOf(spec, 'maxPercent') })
  throw unknownBuiltin('slippage', spec)
}

export function loadSizing(spec: BuiltinSpec): SizingModel {
  if (spec.builtin === 'percentOfEquity') return createPercentOfEquity({ percent: numberOf(spec, 'percent') })
  if (spec.builtin === 'fixedNotional') return createFixedNotional({ notional: numberOf(spec, 'notional') })
  if (spec.builtin === 'fixedQuantity') return createFixedQuantity({ quantity: numberOf(spec, 'quantity') })
  if (spec.builtin === 'riskPerTrade') return createRiskPerTrade({ percent: numberOf(spec, 'percent') })
  if (spec.builtin === 'volatilityTarget')
    return createVolatilityTarget({ percent: numberOf(spec, 'percent'), period: numberOf(spec, 'period') })
  if (spec.builtin === 'kelly') {
    const [fraction, window] = [numberOf(spec, 'fraction'), numberOf(spec, 'window')]
    return createKelly({ fraction, window, startPercent: numberOf(spec, 'startPercent') })
  }
  if (spec.builtin === 'strength') return createStrength({ percent: numberOf(spec, 'percent') })
  throw unknownBuiltin('sizing', spec)
}

export function loadCapacity(spec: BuiltinSpec): CapacityPolicy {
  if (spec.builtin === 'maxPositions') return createMaxPositions({ max: numberOf(spec, 'max') })
  if (spec.builtin === 'maxLegs') return createMaxLegs({ max: numberOf(spec, 'max') })
  if (spec.builtin === 'maxPerSymbol') return createMaxPerSymbol({ max: numberOf(spec, 'max') })
  if (spec.builtin === 'grossExposure') return createExposureCapacity({ percent: numberOf(spec, 'percent') })
  if (spec.builtin === 'unlimited') return createUnlimited()
  throw unknownBuiltin('capacity', spec)
}

/** Null: nothing to ask. */
export function loadRisk(spec: BuiltinSpec): RiskPolicy | null {
  if (spec.builtin === 'none') return null
  if (spec.builtin === 'maxLossToStop') return createMaxLossToStop({ percent: numberOf(spec, 'percent') })
  if (spec.builtin === 'grossExposure') return createExposureRisk({ percent: numberOf(spec, 'percent') })
  if (spec.builtin === 'dailyLoss') return createDailyLoss({ percent: numberOf(spec, 'percent') })
  throw unknownBuiltin('risk', spec)
}
