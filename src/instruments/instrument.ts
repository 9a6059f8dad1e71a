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
}
