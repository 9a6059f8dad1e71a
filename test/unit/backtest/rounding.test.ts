import fc from 'fast-check'
import { describe, test } from 'vitest'
import { priceDown, priceUp, stepsDown, stepsUp, symbolRules } from '../../../src/execution/rounding.ts'
import { affordableUnits, cashNeed, quantityOf } from '../../../src/portfolio/money.ts'

const steps = fc.constantFrom(1, 0.1, 0.01, 0.001, 1e-5, 1e-8, 0.25, 5)

const TERMS = [
  { rate: 0, perUnit: 0, minimum: 0 },
  { rate: 0.0004, perUnit: 0, minimum: 0 },
  { rate: 0.05, perUnit: 0, minimum: 0 },
  { rate: 0, perUnit: 0.01, minimum: 0 },
  { rate: 0, perUnit: 2.5, minimum: 1.5 },
] as const

describe('rounding to steps (F10)', () => {
  test('gives back every multiple of the step', ({ expect }) => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), steps, (n, step) => {
        expect(stepsDown(n * step, step)).toBe(n)
        expect(stepsUp(n * step, step)).toBe(n)
      }),
    )
  })

  test('down and up enclose the value and are at most one step apart', ({ expect }) => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), steps, (x, step) => {
        const down = stepsDown(x, step)
        const up = stepsUp(x, step)
        const slack = 1e-9 * Math.max(1, x / step)

        expect(down).toBeLessThanOrEqual(x / step + slack)
        expect(up).toBeGreaterThanOrEqual(x / step - slack)
        expect([0, 1]).toContain(up - down)
      }),
    )
  })

  test('takes a value within 1e-9 of a step as that step', ({ expect }) => {
    // 0.3 / 0.1 = 2.9999999999999996: three steps, not two.
    expect(stepsDown(0.3, 0.1)).toBe(3)
    expect(stepsDown(2.99, 1)).toBe(2)
    expect(stepsUp(2.01, 1)).toBe(3)
  })

  test('leaves prices alone without a tick', ({ expect }) => {
    expect(priceDown(1.23456789, null)).toBe(1.23456789)
    expect(priceUp(1.231, 0.01)).toBe(1.24)
  })

  test('an absent instrument has no steps and no minimums', ({ expect }) => {
    expect(symbolRules(null)).toEqual({ tick: null, step: null, minQuantity: 0, minNotional: 0, leverage: 1 })
  })
})

describe('affordableUnits()', () => {
  test('is never dearer than the cash there is, and one step more would be', ({ expect }) => {
    const cash = fc.double({ min: 0.01, max: 1e9, noNaN: true })
    const price = fc.double({ min: 0.0001, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(cash, price, fc.constantFrom(...TERMS), steps, (free, at, terms, step) => {
        const rules = { tick: null, step, minQuantity: 0, minNotional: 0, leverage: 1 }

        const units = affordableUnits(free, at, terms, rules)

        if (units > 0) expect(cashNeed(quantityOf(units, rules), at, terms, 1)).toBeLessThanOrEqual(free)
        expect(cashNeed(quantityOf(units + 2, rules), at, terms, 1)).toBeGreaterThan(free * (1 - 1e-12))
      }),
    )
  })
})
