import { PlatformError } from '../errors.ts'
import { tierIndexAt, type Tier } from './margin-tiers.ts'

/** A position of one symbol as far as liquidation knows it. */
export interface Position {
  /** 1: long, −1: short. */
  readonly side: number
  /** Σ quantity of its lots, above 0. */
  readonly quantity: number
  /** Σ quantity · entry over Σ quantity. */
  readonly averageEntry: number
}

/** Price at which the wallet of an isolated position is used up (L3): EP − s·WB/q. */
export function bankruptcyPrice(position: Position, wallet: number): number {
  return position.averageEntry - position.side * (wallet / position.quantity)
}

/** LP = (WB + cum − s·q·EP) / (q·MMR − s·q) by the numbers of one tier. */
function priceInTier({ side, quantity, averageEntry }: Position, wallet: number, { mmr, cum }: Tier): number {
  return (wallet + cum - side * quantity * averageEntry) / (quantity * mmr - side * quantity)
}

/**
 * Liquidation price of an isolated position (L2), by the tier of the notional at that price. Maintenance grows without
 * steps and ever faster, so the tier is found within as many tries as there are tiers. Only where the notional is the
 * border of two tiers may rounding let both or none of them hold their own price: then it is the lower one. NaN: none.
 * @throws `invariant` if no tier is found
 */
export function liquidationPrice(position: Position, wallet: number, tiers: readonly Tier[]): number {
  const { quantity, averageEntry } = position
  let at = tierIndexAt(tiers, quantity * averageEntry)
  let last = -1
  for (let tries = 0; tries <= tiers.length + 1; tries++) {
    const price = priceInTier(position, wallet, tiers[at]!)
    const next = tierIndexAt(tiers, quantity * price)
    if (next === at) {
      const below = at > 0 ? priceInTier(position, wallet, tiers[at - 1]!) : Number.NaN
      const found = tierIndexAt(tiers, quantity * below) === at - 1 ? below : price
      return found > 0 ? found : Number.NaN
    }
    if (next === last && at < next) return price > 0 ? price : Number.NaN
    last = at
    at = next
  }
  throw new PlatformError(
    'invariant',
    `Invariant: no margin tier holds the liquidation price of ${quantity} at ${averageEntry}`,
  )
}

/** What becomes of the wallet of a liquidated position (L3). */
export interface WalletSplit {
  /** Lost on the way from entry to the liquidation price. */
  readonly way: number
  /** min(kappa · q · LP, rest). */
  readonly clearance: number
  /** The remainder, to the insurance fund. */
  readonly insurance: number
}

/** Splits the wallet of a position that is liquidated at `price`. */
export function splitWallet(position: Position, wallet: number, price: number, tiers: readonly Tier[]): WalletSplit {
  const { side, quantity, averageEntry } = position
  const way = side * quantity * (averageEntry - price)
  const rest = wallet - way
  const { kappa } = tiers[tierIndexAt(tiers, quantity * price)]!
  const clearance = Math.max(0, Math.min(kappa * quantity * price, rest))
  return { way, clearance, insurance: rest - clearance }
}
