import { describe, test } from 'vitest'
import { loadFee, loadSizing, loadSlippage, resolveComponentSpec } from '../../../src/components/load-component.ts'

const DEFAULTS = { symbolCount: 1 }
const none = Number.NaN

/** The examples of docs/policies.md that are one call of a policy; the others are rule cases. */
describe('docs/policies.md', () => {
  test.for([
    ['percent', {}, 0, 0.4],
    ['perUnit', { amount: 0.005, minimum: 1 }, 0, 1],
    ['tiered', { tiers: '0:0.001:0.001, 50000:0.0008:0.0009' }, 60_000, 0.9],
    ['zero', {}, 0, 0],
  ] as const)('charges %s for 10 at 100', ([name, params, traded, fee], { expect }) => {
    const model = loadFee(resolveComponentSpec('fee', { builtin: name, params }, DEFAULTS, '/fee'))
    const event = { symbol: 'A', side: 'buy', kind: 'entry', quantity: 10, price: 100, notional: 1000 } as const

    expect(model.cost({ ...event, liquidity: 'taker', traded })).toBeCloseTo(fee, 12)
  })

  test.for([
    ['bps', { bps: 2 }, 100.02],
    ['halfSpread', { spread: 0.5 }, 100.25],
    ['volume', {}, 100.4],
  ] as const)('moves 10 at 100 by %s', ([name, params, price], { expect }) => {
    const model = loadSlippage(resolveComponentSpec('slippage', { builtin: name, params }, DEFAULTS, '/slippage'))

    expect(model.price('buy', 100, 10, 50, 0, 0)).toBeCloseTo(price, 12)
    expect(model.dearest(100)).toBeGreaterThanOrEqual(model.price('buy', 100, 1e9, 1, 0, 0))
  })

  test.for([
    ['percentOfEquity', { percent: 25 }, 25],
    ['fixedNotional', { notional: 120 }, 12],
    ['riskPerTrade', { percent: 2 }, 10],
    ['volatilityTarget', { percent: 1, period: 2 }, 50],
    ['kelly', { window: 2 }, 15],
    ['strength', { percent: 20 }, 5],
  ] as const)('sizes by %s with E 1,000 and close 10', ([name, params, quantity], { expect }) => {
    const model = loadSizing(resolveComponentSpec('sizing', { builtin: name, params }, DEFAULTS, '/sizing'))
    const bar = { equity: 1000, close: 10, row: 2, symbol: 0, side: 1, entryPrice: none }
    const ask = { ...bar, slPrice: 8, slPct: none, trailDistance: none, trailPct: none }
    // Two returns whose deviation is 2 %: 0 and 0.02 · √2.
    const closes = Float64Array.of(10, 10, 10 * (1 + 0.02 * Math.SQRT2))
    const history = { closes: () => closes, returns: [0.5, -0.2] }

    expect(model.size({ ...ask, confidence: 0.25 }, history)).toBeCloseTo(quantity, 9)
  })
})
