import { describe, expect, it } from 'vitest'
import { PlatformError } from '../../../src/errors.ts'
import type { FlatJson } from '../../../src/protocol/run-config.ts'
import { resolveBuiltinStrategy } from '../../../src/strategies/builtin-catalogue.ts'
import { parseParamTable, resolveParams } from '../../../src/strategies/param-table.ts'

function pointersOf(name: string, params: FlatJson): string[] {
  try {
    resolveBuiltinStrategy(name, params)
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'invalid_config') return error.errors.map((one) => one.pointer)
    throw error
  }
  return []
}

describe('resolveBuiltinStrategy()', () => {
  it('adds the defaults', () => {
    expect(resolveBuiltinStrategy('SmaCrossover', { slow: 50 })).toEqual({
      builtin: 'SmaCrossover',
      params: { fast: 10, slow: 50 },
    })
    expect(resolveBuiltinStrategy('BuyAndHold', {})).toEqual({ builtin: 'BuyAndHold', params: {} })
  })

  it.each<[string, FlatJson, string[]]>([
    ['toString', {}, ['/strategy/builtin']],
    ['Momentum', { threshold: -1 }, ['/strategy/params/threshold']],
    ['RsiMeanReversion', { oversold: 70 }, ['/strategy/params/oversold']],
    ['RsiMeanReversion', { period: 0, overbought: 101 }, ['/strategy/params/period', '/strategy/params/overbought']],
    ['PeakEmaReversal', { fast: 21 }, ['/strategy/params/fast']],
    ['PeakEmaReversal', { peak: 1 }, ['/strategy/params/peak']],
    ['Nothing', {}, ['/strategy/builtin']],
    ['BuyAndHold', { x: 1 }, ['/strategy/params/x']],
    ['SmaCrossover', { fast: 0, slow: '30' }, ['/strategy/params/fast', '/strategy/params/slow']],
    ['SmaCrossover', { fast: 30, slow: 30 }, ['/strategy/params/fast']],
    ['SmaCrossover', { 'a/b~': 1 }, ['/strategy/params/a~1b~0']],
  ])('refuses %s with %j', (name, params, pointers) => {
    expect(pointersOf(name, params)).toEqual(pointers)
  })
})

describe('parseParamTable()', () => {
  it.each([
    [null],
    [[]],
    [{ n: 5 }],
    [{ n: { type: 'integer' } }],
    [{ n: { type: 'object', default: 1 } }],
    [{ n: { type: 'number', default: 1, minimum: '0' } }],
    [{ n: { type: 'number', default: 1, enum: [] } }],
    [{ n: { type: 'number', default: 1, enum: [2] } }],
    [{ n: { type: 'string', default: 1 } }],
    [{ n: { type: 'boolean', default: 'true' } }],
    [{ n: { type: 'number', default: 1, description: 5 } }],
    [JSON.parse('{"__proto__":{"type":"number","default":1}}')],
    [Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`p${i}`, { type: 'number', default: 1 }]))],
  ])('refuses %j', (raw) => {
    expect(parseParamTable(raw)).toHaveProperty('problem')
  })

  it('does not take inherited names for given values', () => {
    const parsed = parseParamTable({ toString: { type: 'number', default: 4 } })

    expect('table' in parsed && resolveParams(parsed.table, {})).toEqual({ params: { toString: 4 }, errors: [] })
  })
})
