import { describe, it } from 'vitest'
import { HOTCELL_NAMES } from '../../../runner-image/linking/hotcell-names.ts'
import { PlatformError } from '../../../src/errors.ts'
import { resolveBuiltinStrategy } from '../../../src/strategies/builtin-catalogue.ts'
import { parseMembers } from '../../../src/strategies/ensemble-members.ts'
import * as hotcell from '../../../src/strategies/hotcell-realm.ts'

function faultOf(params: Record<string, string | number>): unknown {
  try {
    return resolveBuiltinStrategy('Ensemble', params)
  } catch (error) {
    if (error instanceof PlatformError) return error.errors
    throw error
  }
}

describe('the parameters of Ensemble', () => {
  it('name members with their parameters and weights', ({ expect }) => {
    const strategies = ' SmaCrossover( fast = 5,slow=20 ) ,Momentum ,RsiMeanReversion()'

    expect(parseMembers({ strategies, weights: '2, -1 ,0.5' })).toEqual({
      members: [
        { name: 'SmaCrossover', params: { fast: 5, slow: 20 }, weight: 2 },
        { name: 'Momentum', params: {}, weight: -1 },
        { name: 'RsiMeanReversion', params: {}, weight: 0.5 },
      ],
    })
  })

  it.for([
    [{ strategies: '' }, '/strategy/params/strategies', 'cannot be read at character 1'],
    [{ strategies: 'Momentum,' }, '/strategy/params/strategies', 'cannot be read at character 10'],
    [{ strategies: 'Momentum Momentum' }, '/strategy/params/strategies', 'cannot be read at character 1'],
    [
      { strategies: 'Momentum(lookback)' },
      '/strategy/params/strategies',
      'has "lookback" for Momentum, expected key=number',
    ],
    [{ strategies: 'Momentum(lookback=1e999)' }, '/strategy/params/strategies', 'has "lookback=1e999" for Momentum'],
    [{ strategies: 'Momentum(lookback=1.5)' }, '/strategy/params/strategies', 'Momentum.lookback must be an integer'],
    [
      { strategies: 'SmaCrossover(fast=9,slow=4)' },
      '/strategy/params/strategies',
      'SmaCrossover.fast must be less than slow',
    ],
    [{ strategies: 'Ensemble' }, '/strategy/params/strategies', 'names "Ensemble", which is no built-in strategy'],
    [{ strategies: 'Nope' }, '/strategy/params/strategies', 'names "Nope"'],
    [{ weights: '1' }, '/strategy/params/weights', 'must be 2 numbers'],
    [{ weights: '1,x' }, '/strategy/params/weights', 'must be 2 numbers'],
    [{ weights: '1,' }, '/strategy/params/weights', 'must be 2 numbers'],
    [{ threshold: -1 }, '/strategy/params/threshold', 'must be at least 0'],
    [
      { strategies: Array.from({ length: 17 }, () => 'Momentum').join() },
      '/strategy/params/strategies',
      'has 17 members',
    ],
  ] as const)('are refused with their pointer: %j', ([params, pointer, message], { expect }) => {
    expect(faultOf(params)).toMatchObject([{ pointer, message: expect.stringContaining(message) as string }])
  })
})

describe('the module hotcell', () => {
  it('exports at run time what its list of names says', ({ expect }) => {
    expect(Object.keys(hotcell).sort()).toEqual([...HOTCELL_NAMES])
  })
})
