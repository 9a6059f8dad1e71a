import type { Instrument } from '../instruments/instrument.ts'

/** Number forms of what an exchange fixes for a symbol. Null: no rounding; 0: no minimum. */
export interface SymbolRules {
  readonly tick: number | null
  readonly step: number | null
  readonly minQuantity: number
  readonly minNotional: number
  /** Notional that one unit of margin carries; 1 on a spot market. */
  readonly leverage: number
}

const TOLERANCE = 1e-9

function read(text: string | null | undefined): number | null {
  const value = text === null || text === undefined ? 0 : Number(text)
  return value > 0 ? value : null
}

/**
 * The rules of an instrument; decimal strings become the nearest doubles. Null: no instrument data, no rounding. Quantities
 * are base quantities, so steps and minimums, which count contracts, are taken times the multiplier. Quantity `integer`:
 * a step that is no whole number is 1.
 */
export function symbolRules(
  instrument: Instrument | null,
  { leverage = 1, quantity = 'steps' }: { leverage?: number | undefined; quantity?: 'steps' | 'integer' } = {},
): SymbolRules {
  const multiplier = Number(instrument?.multiplier ?? '1')
  const contracts = read(instrument?.step)
  const step = contracts === null ? null : contracts * multiplier
  const isWhole = step !== null && step >= 1 && Math.floor(step) === step
  return {
    tick: read(instrument?.tick),
    step: quantity === 'integer' && !isWhole ? 1 : step,
    minQuantity: (read(instrument?.minQuantity) ?? 0) * multiplier,
    minNotional: read(instrument?.minNotional) ?? 0,
    leverage,
  }
}

function nearest(ratio: number): number | null {
  const k = Math.round(ratio)
  return Math.abs(ratio - k) <= TOLERANCE * Math.max(1, Math.abs(k)) ? k : null
}

/** Whole steps in x (F10): the nearest number of steps if x is that within 1e-9, else rounded down. */
export function stepsDown(x: number, step: number): number {
  const ratio = x / step
  return nearest(ratio) ?? Math.floor(ratio)
}

/** As stepsDown, but rounded up. */
export function stepsUp(x: number, step: number): number {
  const ratio = x / step
  return nearest(ratio) ?? Math.ceil(ratio)
}

/** Price rounded down to the tick; without a tick as it is. */
export function priceDown(price: number, tick: number | null): number {
  return tick === null ? price : stepsDown(price, tick) * tick
}

/** Price rounded up to the tick; without a tick as it is. */
export function priceUp(price: number, tick: number | null): number {
  return tick === null ? price : stepsUp(price, tick) * tick
}

/** Price rounded up to the tick for direction 1, down for −1. */
export function priceInDirection(price: number, direction: number, tick: number | null): number {
  return direction > 0 ? priceUp(price, tick) : priceDown(price, tick)
}
