import { stepsDown, type SymbolRules } from '../execution/rounding.ts'
import { nextDown } from '../math/float-bits.ts'
import { feeOn, type FeeTerms } from '../policies/fee.ts'

/** Steps beyond which a Float64 does not count one by one (F10). */
export const EXACT_UNITS = 9_007_199_254_740_992

/** Cash that an entry takes: notional over leverage (1 on a spot market) and fee, in the order in which a fill takes it (P3 d). */
export function cashNeed(quantity: number, price: number, terms: FeeTerms, leverage: number): number {
  const notional = quantity * price
  return notional / leverage + feeOn(terms, quantity, notional)
}

/** Base quantity of a number of units (steps, or the quantity itself). */
export function quantityOf(units: number, rules: SymbolRules): number {
  return rules.step === null ? units : units * rules.step
}

/** Units of a quantity, rounded down to the step (F10). */
export function unitsOf(quantity: number, rules: SymbolRules): number {
  return rules.step === null ? quantity : stepsDown(quantity, rules.step)
}

/** The largest units whose need is covered by `free`; 0 if none are. */
export function affordableUnits(free: number, price: number, terms: FeeTerms, rules: SymbolRules): number {
  if (!(free > 0)) return 0
  const { rate, perUnit, minimum } = terms
  const { leverage } = rules
  let quantity = free / (price * (1 / leverage + rate) + perUnit)
  if (minimum > 0) quantity = Math.min(quantity, (free - minimum) / (price / leverage))
  let units = unitsOf(quantity, rules)
  while (units > 0 && cashNeed(quantityOf(units, rules), price, terms, leverage) > free) {
    units = rules.step === null || units >= EXACT_UNITS ? nextDown(units) : units - 1
  }
  return units > 0 ? units : 0
}
