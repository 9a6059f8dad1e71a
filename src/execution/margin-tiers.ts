import { PlatformError } from '../errors.ts'
import type { MarginTier } from '../instruments/instrument.ts'

/** A tier in numbers: notional above `floor` up to and with `cap`. */
export interface Tier {
  readonly floor: number
  readonly cap: number
  /** Maintenance margin rate and what it is reduced by, so that maintenance has no step between tiers (L2). */
  readonly mmr: number
  readonly cum: number
  /** Clearance fee rate of a liquidation (kappa). */
  readonly kappa: number
}

/** How far a stated maintenance amount may be from the computed one. */
const STATED_TOLERANCE = 1e-6

/** What is wrong with margin tiers, in words; null: nothing. `at`: the tier. */
export function findTierFault(tiers: readonly MarginTier[]): { readonly at: number; readonly message: string } | null {
  let cum = 0
  for (let at = 0; at < tiers.length; at++) {
    const tier = tiers[at]!
    const before = tiers[at - 1]
    const floor = Number(tier.floor)
    const mmr = Number(tier.maintenanceMarginRate)
    const expected = before === undefined ? 0 : Number(before.cap ?? Number.NaN)
    if (floor !== expected) return { at, message: `begins at ${tier.floor}, the tier before ends at ${expected}` }
    if (tier.cap !== null && !(Number(tier.cap) > floor))
      return { at, message: `ends at ${tier.cap}, not above its floor` }
    if (!(mmr > 0 && mmr < 1)) return { at, message: `has the rate ${tier.maintenanceMarginRate}, not between 0 and 1` }
    const rateBefore = before === undefined ? 0 : Number(before.maintenanceMarginRate)
    if (mmr < rateBefore) return { at, message: 'has a lower maintenance margin rate than the tier before' }
    if (!(Number(tier.clearanceFeeRate ?? '0') < 1)) return { at, message: 'has a clearance fee rate of 1 or more' }
    if (before !== undefined) cum += floor * (mmr - rateBefore)
    const stated = Number(tier.maintenanceAmount ?? cum)
    if (!(Math.abs(stated - cum) <= STATED_TOLERANCE * Math.max(1, cum))) {
      return { at, message: `states the maintenance amount ${tier.maintenanceAmount}, the tiers give ${cum}` }
    }
  }
  return null
}

/** Tiers in numbers; cum_n = floor_n · (MMR_n − MMR_{n−1}) + cum_{n−1} (L2). @throws `invalid_config` for tiers that contradict themselves or none */
export function readMarginTiers(symbol: string, tiers: readonly MarginTier[]): Tier[] {
  const fault = tiers.length === 0 ? { at: 0, message: 'is missing' } : findTierFault(tiers)
  if (fault !== null) {
    const message = `Cannot use margin tiers of ${symbol}: tier ${fault.at + 1} ${fault.message}, expected tiers without gaps`
    throw new PlatformError('invalid_config', message, { errors: [{ pointer: '/symbols', message }] })
  }
  const read: Tier[] = []
  for (const tier of tiers) {
    const before = read.at(-1)
    const floor = Number(tier.floor)
    const mmr = Number(tier.maintenanceMarginRate)
    const cum = before === undefined ? 0 : floor * (mmr - before.mmr) + before.cum
    const cap = tier.cap === null ? Number.POSITIVE_INFINITY : Number(tier.cap)
    read.push({ floor, cap, mmr, cum, kappa: Number(tier.clearanceFeeRate ?? '0') })
  }
  return read
}

/** Index of the tier of a notional: floor exclusive, cap inclusive; above all caps the last one. */
export function tierIndexAt(tiers: readonly Tier[], notional: number): number {
  let at = 0
  while (at < tiers.length - 1 && notional > tiers[at]!.cap) at += 1
  return at
}

/** Maintenance margin of a notional. */
export function maintenanceOf(tiers: readonly Tier[], notional: number): number {
  const tier = tiers[tierIndexAt(tiers, notional)]!
  return notional * tier.mmr - tier.cum
}
