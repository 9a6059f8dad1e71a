import { beforeAll, describe, it } from 'vitest'
import { encodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import { bundleRealmScript, createTaskRunner, type RealmRun } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const SERIES = makeWalk({ symbol: 'AAA', rows: 500, seed: 21 })
const OTHER = makeWalk({ symbol: 'BBB', rows: 500, seed: 22 })

async function run(source: string, changes: Partial<RunConfig> = {}): Promise<RealmRun> {
  const header = makeHeader(makeFileConfig(source, { path: 'main.js', ...changes }))
  return createTaskRunner(script).run(header, SERIES, OTHER)
}

const IMPORTS = `import { BaseStrategy, Ensemble, SmaCrossover } from 'hotcell'
class Above extends BaseStrategy {
  requiredLookback() { return this.params.period }
  requiredIndicators() { return [{ id: 'mean', kind: 'sma', params: { period: this.params.period } }] }
  decide({ index, candles: { close }, indicators: { mean }, params }) {
    if (params.period !== this.params.period) throw new Error('not mine')
    return { signal: close[index] > mean[index] ? 'BUY' : 'SELL', confidence: this.params.sure }
  }
}`

describe('Ensemble', () => {
  it('sums weight, confidence and signal of members with indicators of their own', async ({ expect }) => {
    const source = `${IMPORTS}
export default class Mine extends Ensemble {
  static params = { threshold: { type: 'number', default: 0.75 } }
  constructor(params) {
    super(params)
    this.addStrategy(new Above({ period: 5, sure: 0.5 }), 2).addStrategy(new Above({ period: 20, sure: 0.25 })).addStrategy(new SmaCrossover({ fast: 4, slow: 9 }), 0.5)
  }
}`
    const byHand = `${IMPORTS}
export default class Hand extends BaseStrategy {
  cross = new SmaCrossover({ fast: 4, slow: 9 })
  requiredLookback() { return 20 }
  requiredIndicators() { return [{ id: 'a', kind: 'sma', params: { period: 5 } }, { id: 'b', kind: 'sma', params: { period: 20 } }] }
  decide(context) {
    const { index, candles: { close }, indicators: { a, b }, symbol } = context
    const crossed = this.cross.decide(context)?.signal
    const sum = (close[index] > a[index] ? 1 : -1) + (close[index] > b[index] ? 0.25 : -0.25) + (crossed === 'BUY' ? 0.5 : crossed === 'SELL' ? -0.5 : 0)
    return Math.abs(sum) < 0.75 ? null : { signal: sum > 0 ? 'BUY' : 'SELL', symbol }
  }
}`
    const [own, hand] = [await run(source), await run(byHand)]

    expect(own.plan.lookback).toBe(20)
    expect(encodeDecisionLog(own.decisions)).toEqual(encodeDecisionLog(hand.decisions))
    expect(own.rows.length).toBeGreaterThan(200)
  })

  it('votes for each symbol of a unit, and says NO where the sum is zero', async ({ expect }) => {
    const { rows } = await run(
      `import { BaseStrategy, Ensemble } from 'hotcell'
      class Says extends BaseStrategy { decide({ index }) { return index === 7 ? this.params.answer : null } }
      export default class Mine extends Ensemble {
        static params = {}
        constructor(params) {
          super(params)
          this.addStrategy(new Says({ answer: [{ signal: 'BUY' }, { signal: 'SELL', symbol: 'BBB', confidence: 0.5 }] }))
          this.addStrategy(new Says({ answer: [{ signal: 'SELL' }, { signal: 'NO', symbol: 'BBB' }] }))
        }
        workUnits(symbols) { return [symbols] }
      }`,
      { symbols: ['AAA', 'BBB'] },
    )

    expect(rows.map(({ symbol, signal, bar }) => [symbol, signal, bar])).toEqual([[1, 'SELL', 7]])
  })

  it('fits its members, as often as the one that asks most often', async ({ expect }) => {
    const { logs } = await run(
      `import { BaseStrategy, Ensemble } from 'hotcell'
      class Learns extends BaseStrategy {
        constructor(params) { super(params); if (params.every) this.refitEvery = params.every }
        fit({ candles }) { console.log(this.params.name, candles.close.length) }
      }
      export default class Mine extends Ensemble {
        static params = {}
        constructor(params) { super(params); this.addStrategy(new Learns({ name: 'a' })).addStrategy(new Learns({ name: 'b', every: 200 })) }
      }`,
    )

    expect(logs.map(({ text }) => text)).toEqual(['a 0', 'b 0', 'a 201', 'b 201', 'a 401', 'b 401'])
  })

  it.for([
    [`addStrategy(5)`, 'bad_answer', 'addStrategy() was given 5, expected a strategy'],
    [`addStrategy(new BaseStrategy(), NaN)`, 'bad_answer', 'addStrategy() was given the weight NaN'],
    [
      `addStrategy(new SmaCrossover({ fast: 9, slow: 4 }))`,
      'bad_answer',
      'new SmaCrossover(): fast must be less than slow (4)',
    ],
    [`addStrategy(new SmaCrossover({ quick: 9 }))`, 'bad_answer', 'new SmaCrossover(): quick is not a parameter'],
    [
      `addStrategy(new Says(5))`,
      'bad_decision',
      'decide() of member 1 of the ensemble returned 5, expected a decision or null',
    ],
    [
      `addStrategy(new Says({ signal: 'BUY', confidence: 2 }))`,
      'bad_decision',
      'decide() of member 1 of the ensemble returned the confidence 2',
    ],
  ] as const)('refuses %s', async ([call, reason, message], { expect }) => {
    const source = `import { BaseStrategy, Ensemble, SmaCrossover } from 'hotcell'
class Says extends BaseStrategy { decide() { return this.params } }
export default class Mine extends Ensemble {
  static params = {}
  constructor(params) { super(params); this.${call} }
}`

    await expect(run(source)).rejects.toMatchObject({
      outcome: { kind: 'strategy_error', reason, message: expect.stringContaining(message) as string },
    })
  })
})
