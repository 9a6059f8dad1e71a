import type { Instrument } from './instrument.ts'

/** A perpetual of no exchange: nothing rounded, no minimums, one margin tier of `maintenanceMarginRate` (a decimal string). */
export function plainPerpetual(symbol: string, maintenanceMarginRate: string): Instrument {
  return {
    symbol,
    market: 'perpetual',
    base: symbol,
    quote: 'USDT',
    tick: null,
    step: null,
    minQuantity: null,
    minNotional: null,
    multiplier: '1',
    calendar: '24/7',
    marginTiers: [{ floor: '0', cap: null, maintenanceMarginRate }],
  }
}
