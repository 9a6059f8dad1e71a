import { PlatformError } from '../errors.ts'
import { parseLimitTouch, type Pricing } from '../execution/pricing.ts'
import { loadCapacity, loadFee, loadRisk, loadSizing, loadSlippage } from '../components/load-component.ts'
import type { CapacityPolicy } from '../policies/capacity.ts'
import type { RiskPolicy } from '../policies/risk.ts'
import type { SizingModel } from '../policies/sizing.ts'
import type { SlippageModel } from '../policies/slippage.ts'
import type { Executor } from '../portfolio/executor.ts'
import type { SymbolMarket } from '../portfolio/symbol-market.ts'
import type { RunConfig } from '../protocol/run-config.ts'
import { createUserExecutor } from './user-executor.ts'
import { createUserFee, createUserSlippage } from './user-costs.ts'
import { createUserFill, MOST_ABOVE_STOP } from './user-fill.ts'
import { createUserCapacity, createUserRisk } from './user-limits.ts'
import type { UserCode } from './user-port.ts'
import { createUserSizing } from './user-sizing.ts'
import type { TimelineState } from './timeline-state.ts'

/** The policies of a run; `risk` null: nothing to ask. */
export interface RunPolicies {
  readonly pricing: Pricing
  readonly sizing: SizingModel
  readonly capacity: CapacityPolicy
  readonly risk: RiskPolicy | null
  /** Null: no order type is code of the user. */
  readonly executor: Executor | null
}

/** A buy stop reserves for what code of the user may make of it inside a bar. */
function reservingFor(model: SlippageModel): SlippageModel {
  return { ...model, dearest: (gross) => Math.max(model.dearest(gross), gross * (1 + MOST_ABOVE_STOP)) }
}

/** Each by its builtin, or by code of the user. `at` gives the state, which is made after this. */
export function loadPolicies(config: RunConfig, user: UserCode, at: () => TimelineState): RunPolicies {
  const { fee, slippage, sizing, capacity, risk, fill, execution, executors } = config
  const model = 'module' in slippage ? createUserSlippage(user, at) : loadSlippage(slippage)
  const pricer = typeof fill === 'string' ? null : createUserFill(user, at)
  return {
    pricing: {
      fee: 'module' in fee ? createUserFee(user, at) : loadFee(fee),
      slippage: pricer === null ? model : reservingFor(model),
      fill: pricer,
      clamp: execution.clampSlippage,
      penetrateTicks: parseLimitTouch(execution.limitTouch),
    },
    sizing: 'module' in sizing ? createUserSizing(user, at) : loadSizing(sizing),
    capacity: 'module' in capacity ? createUserCapacity(user, at) : loadCapacity(capacity),
    risk: 'module' in risk ? createUserRisk(user, at) : loadRisk(risk),
    executor: executors === undefined ? null : createUserExecutor(user, at),
  }
}

/**
 * T5: slippage by volume and participation caps have nothing to go by in a series that has none.
 * @throws `invalid_config`
 */
export function refuseVolumeless(
  slippage: SlippageModel,
  participation: number | null,
  markets: readonly SymbolMarket[],
): void {
  if (!slippage.needsVolume && participation === null) return
  const found = markets.find((market) => market.series.rows > 0 && market.volumeless)
  if (found === undefined) return
  const [what, pointer] = slippage.needsVolume
    ? ['slippage "volume"', '/slippage']
    : ['a participation cap', '/execution/participation']
  const message = `Cannot use ${what} on ${found.series.symbol}: its candles have no volume, expected some`
  throw new PlatformError('invalid_config', message, { errors: [{ pointer, message }] })
}
