/** A margin tier of perpetuals: notional from `floor` (exclusive) to `cap` (inclusive, null: without end). */
export interface MarginTier {
  readonly floor: string
  readonly cap: string | null
  readonly maintenanceMarginRate: string
  /** Computed; one that is stated is checked. */
  readonly maintenanceAmount?: string
  readonly clearanceFeeRate?: string
  readonly maxLeverage?: string
}

/** What an exchange fixes for a symbol. Decimal strings as in the file; null: no rounding, no minimum (flagged). */
export interface Instrument {
  readonly symbol: string
  readonly market: 'spot' | 'perpetual'
  readonly base: string
  readonly quote: string
  readonly tick: string | null
  readonly step: string | null
  readonly minQuantity: string | null
  readonly minNotional: string | null
  readonly multiplier: string
  readonly calendar: '24/7'
  /** Perpetuals only, in order of floor. */
  readonly marginTiers?: readonly MarginTier[]
}
