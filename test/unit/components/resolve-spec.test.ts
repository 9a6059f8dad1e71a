import { describe, test } from 'vitest'
import {
  loadCapacity,
  loadFee,
  loadSizing,
  loadSlippage,
  resolveComponentSpec,
  type Port,
} from '../../../src/components/load-component.ts'

const DEFAULTS = { symbolCount: 4 }
const percent = { builtin: 'percent', params: { maker: 0.0002, taker: 0.0004 } }

const ACCEPTED: [Port, unknown, unknown][] = [
  ['fee', null, percent],
  ['fee', {}, percent],
  ['fee', 'percent', percent],
  ['fee', 0.001, { builtin: 'percent', params: { maker: 0.001, taker: 0.001 } }],
  [
    'fee',
    { builtin: 'percent', params: { maker: -0.001 } },
    { builtin: 'percent', params: { maker: -0.001, taker: 0.0004 } },
  ],
  ['fee', 'zero', { builtin: 'zero', params: {} }],
  [
    'fee',
    { builtin: 'perUnit', params: { amount: 0.01 } },
    { builtin: 'perUnit', params: { amount: 0.01, minimum: 0 } },
  ],
  [
    'fee',
    { builtin: 'tiered', params: { tiers: '0:0.001:0.001, 50000:0:0.0009' } },
    { builtin: 'tiered', params: { tiers: '0:0.001:0.001, 50000:0:0.0009' } },
  ],
  ['slippage', 'volume', { builtin: 'volume', params: { k: 0.1, maxPercent: 10 } }],
  ['slippage', 3, { builtin: 'bps', params: { bps: 3 } }],
  ['slippage', undefined, { builtin: 'bps', params: { bps: 0 } }],
  ['sizing', null, { builtin: 'percentOfEquity', params: { percent: 25 } }],
  ['sizing', 50, { builtin: 'percentOfEquity', params: { percent: 50 } }],
  [
    'sizing',
    { builtin: 'fixedQuantity', params: { quantity: 2 } },
    { builtin: 'fixedQuantity', params: { quantity: 2 } },
  ],
  ['sizing', 'strength', { builtin: 'strength', params: { percent: 25 } }],
  ['sizing', 'kelly', { builtin: 'kelly', params: { fraction: 0.5, window: 20, startPercent: 10 } }],
  ['capacity', null, { builtin: 'maxPositions', params: { max: 4 } }],
  ['capacity', 2, { builtin: 'maxPositions', params: { max: 2 } }],
  ['capacity', 'unlimited', { builtin: 'unlimited', params: {} }],
  ['capacity', 'maxPerSymbol', { builtin: 'maxPerSymbol', params: { max: 1 } }],
  ['capacity', 'grossExposure', { builtin: 'grossExposure', params: { percent: 100 } }],
  ['risk', {}, { builtin: 'none', params: {} }],
  ['fill', 'path_near', { builtin: 'path_near', params: {} }],
  ['fill', 'worst', { builtin: 'worst', params: {} }],
]

const REFUSED: [Port, unknown, string, string][] = [
  ['fee', 'cheap', '/fee', 'unknown fee "cheap", expected percent'],
  ['fee', 'tiered', '/fee/params/tiers', 'missing'],
  ['fee', { builtin: 'tiered', params: { tiers: 5 } }, '/fee/params/tiers', 'not a text'],
  ['fee', { builtin: 'tiered', params: { tiers: '' } }, '/fee/params/tiers', 'expected from:maker:taker'],
  ['fee', { builtin: 'tiered', params: { tiers: '0:1e-3:0' } }, '/fee/params/tiers', 'expected from:maker:taker'],
  ['fee', { builtin: 'tiered', params: { tiers: '1:0:0' } }, '/fee/params/tiers', 'expected 0'],
  ['fee', { builtin: 'tiered', params: { tiers: '0:0:0,0:0:0' } }, '/fee/params/tiers', 'ascending'],
  ['fee', { builtin: 'tiered', params: { tiers: '0:0:0.001,9:0:0.002' } }, '/fee/params/tiers', 'rise at 9'],
  ['fee', { builtin: 'tiered', params: { tiers: '0:0.06:0' } }, '/fee/params/tiers', 'rate 0.06'],
  ['fee', { builtin: 'tiered', params: { tiers: '0:0:0,'.repeat(40) } }, '/fee/params/tiers', 'at most 32'],
  ['fee', { builtin: 'perUnit', params: { amount: 0 } }, '/fee/params/amount', 'above 0'],
  ['fee', true, '/fee', 'expected null'],
  ['fee', [], '/fee', 'expected null'],
  ['fee', Number.NaN, '/fee', 'not a finite number'],
  ['fee', 0.06, '/fee', 'up to 0.05'],
  ['fee', { module: 'fee.ts' }, '/fee/module', 'not supported yet'],
  ['fee', { builtin: 'percent', extra: 1 }, '/fee/extra', 'unknown field'],
  ['fee', { builtin: 'percent', params: { make: 1 } }, '/fee/params/make', 'unknown parameter'],
  ['fee', { builtin: 'percent', params: { maker: '1' } }, '/fee/params/maker', 'not a finite number'],
  ['fee', { builtin: 'percent', params: 1 }, '/fee/params', 'expected an object'],
  ['fee', { params: {} }, '/fee/builtin', 'expected a name'],
  ['fee', { builtin: 'toString' }, '/fee/builtin', 'unknown fee'],
  ['fee', JSON.parse('{"__proto__": {"builtin": "percent"}}'), '/fee/__proto__', 'unknown field'],
  ['slippage', -1, '/slippage', 'from 0'],
  ['slippage', 'halfSpread', '/slippage/params/spread', 'missing'],
  ['slippage', { builtin: 'volume', params: { maxPercent: 101 } }, '/slippage/params/maxPercent', 'up to 100'],
  ['slippage', 10_001, '/slippage', 'up to 10000'],
  ['sizing', 0, '/sizing', 'above 0'],
  ['sizing', 'fixedNotional', '/sizing/params/notional', 'missing'],
  ['sizing', 'riskPerTrade', '/sizing/params/percent', 'missing'],
  ['sizing', { builtin: 'kelly', params: { fraction: 1.1 } }, '/sizing/params/fraction', 'up to 1'],
  [
    'sizing',
    { builtin: 'volatilityTarget', params: { percent: 1, period: 1 } },
    '/sizing/params/period',
    'an integer from 2',
  ],
  ['capacity', 1.5, '/capacity', 'an integer'],
  ['capacity', 0, '/capacity', 'from 1'],
  ['risk', 1, '/risk', 'by name'],
  ['risk', 'dailyLoss', '/risk/params/percent', 'missing'],
  ['risk', { builtin: 'maxLossToStop', params: { percent: 0 } }, '/risk/params/percent', 'above 0'],
  ['capacity', 'maxLegs', '/capacity/params/max', 'missing'],
  ['fill', 1, '/fill', 'by name'],
  ['fill', { builtin: 'best', params: { x: 1 } }, '/fill/params/x', 'unknown parameter'],
]

describe('resolveComponentSpec()', () => {
  for (const [port, raw, expected] of ACCEPTED) {
    test(`reads ${port} ${JSON.stringify(raw)}`, ({ expect }) => {
      expect(resolveComponentSpec(port, raw, DEFAULTS, `/${port}`)).toEqual(expected)
    })
  }
  for (const [port, raw, pointer, message] of REFUSED) {
    test(`refuses ${port} ${JSON.stringify(raw)} at ${pointer}`, ({ expect }) => {
      const error = catchError(() => resolveComponentSpec(port, raw, DEFAULTS, `/${port}`))

      expect(error).toMatchObject({ code: 'invalid_config', errors: [{ pointer }] })
      expect((error as Error).message).toContain(message)
    })
  }
})

describe('loaders', () => {
  test('a percent fee charges its rate on notional by liquidity', ({ expect }) => {
    const fee = loadFee({ builtin: 'percent', params: { maker: 0.0002, taker: 0.0004 } })
    const event = { symbol: 'A', side: 'buy', kind: 'entry', quantity: 2, price: 50, notional: 100, traded: 0 } as const

    expect(fee.cost({ ...event, liquidity: 'maker' })).toBe(100 * 0.0002)
    expect(fee.cost({ ...event, liquidity: 'taker' })).toBe(100 * 0.0004)
  })

  test('bps slippage moves the price against the taker', ({ expect }) => {
    const slippage = loadSlippage({ builtin: 'bps', params: { bps: 100 } })

    expect(slippage.price('buy', 200, 1, 1, 0, 0)).toBe(200 * 1.01)
    expect(slippage.price('sell', 200, 1, 1, 0, 0)).toBe(200 * 0.99)
  })

  test('sizing takes equity and close of the decision', ({ expect }) => {
    const none = Number.NaN
    const ask = { equity: 1000, close: 50, row: 0, symbol: 0, side: 1, entryPrice: none, slPrice: none, slPct: none }
    const view = { ...ask, trailDistance: none, trailPct: none, confidence: none }
    const history = { closes: () => new Float64Array(1), returns: [] }

    expect(loadSizing({ builtin: 'percentOfEquity', params: { percent: 10 } }).size(view, history)).toBe(2)
    expect(loadSizing({ builtin: 'fixedNotional', params: { notional: 25 } }).size(view, history)).toBe(0.5)
    expect(loadSizing({ builtin: 'fixedQuantity', params: { quantity: 3 } }).size(view, history)).toBe(3)
  })

  test('a spec that was not resolved is our own bug', ({ expect }) => {
    expect(() => loadCapacity({ builtin: 'maxPositions', params: {} })).toThrow(
      expect.objectContaining({ code: 'invariant' }),
    )
  })
})

function catchError(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
