import type { NumberField } from './decision-log.ts'

/** Bars that an order may be good for. */
export const MAX_EXPIRY_BARS = 1_000_000

/** Legs of one proposal. */
export const MAX_LEGS = 100

/** Numbers of orders and lots are 32 bits wide in a record. */
const MAX_TARGET = 4_294_967_295

/** Whether a field of a decision may have this value; NaN means absent. */
export function isFieldValue(name: NumberField, value: number): boolean {
  if (value !== value) return true
  if (value - value !== 0) return false
  if (name === 'rank') return true
  if (name === 'late' || name === 'liveBar') return value > 0 && Math.floor(value) === value
  if (name === 'leg') return value >= 1 && value <= MAX_LEGS && Math.floor(value) === value
  if (name === 'target') return value >= 1 && value <= MAX_TARGET && Math.floor(value) === value
  if (name === 'expiresAfterBars') return value >= 1 && value <= MAX_EXPIRY_BARS && Math.floor(value) === value
  return name === 'confidence' ? value >= 0 && value <= 1 : value > 0
}
