import { beforeAll, describe, it } from 'vitest'
import { encodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import type { FlatJson, RunConfig } from '../../../src/protocol/run-config.ts'
import { BUILTIN_STRATEGIES, resolveBuiltinStrategy } from '../../../src/strategies/builtin-catalogue.ts'
import { BUILTIN_TWINS } from '../../support/builtin-twins.ts'
import { bundleRealmScript, createTaskRunner } from '../../support/realm-run.ts'
import { makeHeader, makeRunConfig } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const SERIES = makeWalk({ symbol: 'AAA', rows: 4000, seed: 11 })

const MEMBERS =
  'SmaCrossover(fast=3, slow=8), RsiMeanReversion(period=5, oversold=45, overbought=55), Momentum(lookback=4)'

/** The window begins inside the series for half of the cases: then rows before it are loaded, and no others. */
const CASES: readonly [string, FlatJson, number][] = [
  ['BuyAndHold', {}, 0],
  ['BuyAndHold', {}, 700],
  ['SmaCrossover', {}, 0],
  ['SmaCrossover', { fast: 3, slow: 7 }, 701],
  ['RsiMeanReversion', {}, 0],
  ['RsiMeanReversion', { period: 3, oversold: 45.5, overbought: 60 }, 702],
  ['Momentum', {}, 0],
  ['Momentum', { lookback: 5, threshold: 0.004 }, 703],
  ['PeakEmaReversal', {}, 0],
  ['PeakEmaReversal', { fast: 2, slow: 40, peak: 12 }, 704],
  ['Ensemble', { strategies: MEMBERS }, 0],
  ['Ensemble', { strategies: MEMBERS, weights: '1, 2, 1.5', threshold: 1.5 }, 705],
  ['Ensemble', { strategies: MEMBERS, weights: '1,-1,1' }, 706],
]

describe('a built-in and the same strategy as a user writes it', () => {
  for (const [builtin, given, start] of CASES) {
    it(`decide alike, byte for byte: ${builtin} ${JSON.stringify(given)} from row ${start}`, async ({ expect }) => {
      const { params } = resolveBuiltinStrategy(builtin, given)
      const window = { start: SERIES.time[start]!, end: SERIES.time[3900]! }
      const source = { path: 'main.js', source: BUILTIN_TWINS[builtin]! }
      const configs: RunConfig[] = [
        makeRunConfig({ strategy: { builtin, params }, ...window }),
        makeRunConfig({ strategy: { module: 'main.js', class: 'default', params }, files: [source], ...window }),
      ]
      const runner = createTaskRunner(script)
      const [own, twin] = [
        await runner.run(makeHeader(configs[0]!), SERIES),
        await runner.run(makeHeader(configs[1]!), SERIES),
      ]

      expect(own.plan.lookback).toBe(twin.plan.lookback)
      expect(encodeDecisionLog(twin.decisions)).toEqual(encodeDecisionLog(own.decisions))
      expect(own.decisions.rows).toBeGreaterThan(builtin === 'BuyAndHold' ? 0 : 20)
    })
  }

  for (const [builtin, given, start] of CASES) {
    it(`is what the class of the module decides: ${builtin} ${JSON.stringify(given)} from row ${start}`, async ({
      expect,
    }) => {
      const { params } = resolveBuiltinStrategy(builtin, given)
      const window = { start: SERIES.time[start]!, end: SERIES.time[3900]! }
      const file = { path: 'main.js', source: `export { ${builtin} as default } from 'hotcell'` }
      const module = { module: 'main.js', class: 'default', params }
      const runner = createTaskRunner(script)
      const own = await runner.run(makeHeader(makeRunConfig({ strategy: { builtin, params }, ...window })), SERIES)
      const config = makeRunConfig({ strategy: module, files: [file], ...window })
      const asClass = await runner.run(makeHeader(config), SERIES)

      expect(asClass.plan.lookback).toBe(own.plan.lookback)
      expect(asClass.rows.map(({ bar, signal }) => [bar, signal])).toEqual(
        own.rows.map(({ bar, signal }) => [bar, signal]),
      )
    })
  }

  it('is shown for all of them', ({ expect }) => {
    expect(Object.keys(BUILTIN_TWINS).sort()).toEqual([...BUILTIN_STRATEGIES].sort())
  })
})
