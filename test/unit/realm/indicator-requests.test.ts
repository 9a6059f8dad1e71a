import { beforeAll, describe, it } from 'vitest'
import { Value } from 'typebox/value'
import { ClaimedEnd } from '../../../runner-image/claims.ts'
import type { RunPlan } from '../../../runner-image/tasks/task.ts'
import type { ClaimedOutcome } from '../../../src/protocol/outcome.ts'
import { StrategyInspection } from '../../../src/protocol/runner-result.ts'
import { bundleRealmScript, createTaskRunner } from '../../support/realm-run.ts'
import { makeHeader, makeRunConfig } from '../../support/runner-program.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

async function plan(members: string): Promise<RunPlan> {
  const source = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  ${members}
}`
  const config = makeRunConfig({
    strategy: { module: 'main.js', class: 'default', params: {} },
    files: [{ path: 'main.js', source }],
    symbols: ['AAA', 'BBB', 'CCC'],
  })
  return createTaskRunner(script).plan(makeHeader(config))
}

const asking = (list: string) => plan(`requiredIndicators() { return ${list} }`)

async function endOf(list: string): Promise<ClaimedOutcome> {
  try {
    await asking(list)
  } catch (error) {
    if (error instanceof ClaimedEnd) return error.outcome
    throw error
  }
  throw new Error('The plan did not fail')
}

describe('requiredIndicators()', () => {
  it('is part of the plan and of the inspection, with its defaults', async ({ expect }) => {
    const { indicators, inspection } = await asking(
      `[{ id: 'a', kind: 'macd', params: { slow: 30 } }, { id: '_b2', kind: 'atr', symbol: 'BBB', interval: '1h' }, { id: 'v', kind: 'ema', source: 'volume', params: undefined, interval: '4h' }]`,
    )

    expect(indicators).toEqual([
      {
        id: 'a',
        kind: 'macd',
        params: { fast: 12, slow: 30, signal: 9 },
        source: 'close',
        symbol: null,
        interval: null,
      },
      { id: '_b2', kind: 'atr', params: { period: 14 }, source: null, symbol: 'BBB', interval: null },
      { id: 'v', kind: 'ema', params: { period: 20 }, source: 'volume', symbol: null, interval: '4h' },
    ])
    expect(inspection.indicators).toEqual(
      indicators.map(({ interval, ...spec }, i) => ({
        ...spec,
        ...(interval === null ? {} : { interval }),
        warmUp: [37, 13, 19][i],
      })),
    )
    expect([...Value.Errors(StrategyInspection, inspection)]).toEqual([])
  })

  it('is not in the inspection of a strategy that asks for none', async ({ expect }) => {
    expect((await asking('[]')).inspection).not.toHaveProperty('indicators')
  })

  it('is asked once, with the symbols that are traded and what is known of them', async ({ expect }) => {
    const { indicators } = await plan(`
      filterSymbols() { return ['CCC', 'AAA'] }
      requiredIndicators(symbols, instruments) {
        this.asked = (this.asked ?? 0) + 1
        return symbols.map((symbol, i) => ({ id: symbol + this.asked + String(instruments[i]), kind: 'sma', symbol }))
      }`)

    expect(indicators.map(({ id, symbol }) => [id, symbol])).toEqual([
      ['AAA1null', 'AAA'],
      ['CCC1null', 'CCC'],
    ])
  })

  it('reads each field once', async ({ expect }) => {
    const { indicators } = await plan(`requiredIndicators() {
      const reads = {}
      const lie = (name, ...values) => { reads[name] = 0; return { enumerable: true, get: () => values[reads[name]++] } }
      const request = Object.defineProperties({}, { id: lie('id', 'x', '__proto__'), kind: lie('kind', 'sma', 'nope'),
        params: lie('params', Object.defineProperty({}, 'period', lie('period', 5, -1)), null) })
      return [request]
    }`)

    expect(indicators).toEqual([
      { id: 'x', kind: 'sma', params: { period: 5 }, source: 'close', symbol: null, interval: null },
    ])
  })

  const one = (fields: string) => `[{ id: 'x', kind: 'sma', ${fields} }]`

  it.for([
    [`5`, 'requiredIndicators() returned 5, expected a list'],
    [`Promise.resolve([])`, 'requiredIndicators() returned an object, expected a list'],
    [`['sma']`, 'requiredIndicators()[0] is "sma", expected an object'],
    [`[null]`, 'requiredIndicators()[0] is null, expected an object'],
    [`[{ kind: 'sma' }]`, 'requiredIndicators()[0].id is undefined'],
    [`[{ id: 'a b', kind: 'sma' }]`, 'requiredIndicators()[0].id is "a b", expected a name of letters, digits and _'],
    [`[{ id: '__proto__', kind: 'sma' }]`, 'requiredIndicators()[0].id is "__proto__"'],
    [`[{ id: { toString: () => 'x' }, kind: 'sma' }]`, 'requiredIndicators()[0].id is an object'],
    [`[{ id: 'x', kind: 'sma' }, { id: 'x', kind: 'ema' }]`, 'requiredIndicators() has the id "x" twice'],
    [`[{ id: 'x', kind: 'toString' }]`, 'requiredIndicators()[0].kind is "toString", expected one of sma, ema,'],
    [`[{ id: 'x', kind: ['sma'] }]`, 'requiredIndicators()[0].kind is an array'],
    [one(`period: 5`), 'requiredIndicators()[0] has an unknown field "period", expected id, kind, params'],
    [
      one(`params: { length: 5 }`),
      'requiredIndicators()[0].params: "length" is not a parameter of sma, which has period',
    ],
    [one(`params: { period: '5' }`), 'requiredIndicators()[0].params: period must be an integer'],
    [one(`params: { period: NaN }`), 'requiredIndicators()[0].params: period must be an integer'],
    [one(`params: { period: 0 }`), 'requiredIndicators()[0].params: period must be at least 1'],
    [one(`params: 5`), 'requiredIndicators()[0].params is 5, expected an object'],
    [
      `[{ id: 'm', kind: 'macd', params: { fast: 30 } }]`,
      'requiredIndicators()[0].params: fast must be less than slow (26)',
    ],
    [one(`source: 'hl2'`), 'requiredIndicators()[0].source is "hl2", expected one of open, high, low, close, volume'],
    [
      `[{ id: 'a', kind: 'atr', source: 'close' }]`,
      'requiredIndicators()[0].source is "close", but atr is not taken of one column',
    ],
    [one(`symbol: 'ZZZ'`), 'requiredIndicators()[0].symbol is "ZZZ", expected one that the strategy trades'],
    [one(`interval: '5h'`), 'requiredIndicators()[0].interval is "5h", expected one of 1m, 3m,'],
    [one(`interval: '30m'`), 'requiredIndicators()[0].interval: bars of 30m cannot be built of bars of 1h'],
    [
      `Array.from({ length: 65 }, (_, i) => ({ id: 'x' + i, kind: 'sma' }))`,
      'returned 65 entries, expected at most 64',
    ],
    [`new Proxy([], { get: (t, k) => (k === 'length' ? NaN : t[k]) })`, 'returned NaN entries'],
    [`new Proxy([], { get: (t, k) => (k === 'length' ? -1 : t[k]) })`, 'returned -1 entries'],
    [`[Object.fromEntries(Array.from({ length: 40 }, (_, i) => ['f' + i, 1]))]`, 'has more than 16 fields'],
  ] as const)('refuses %s as bad_answer', async ([list, problem], { expect }) => {
    const end = await endOf(list)

    expect(end).toMatchObject({ kind: 'strategy_error', reason: 'bad_answer' })
    expect(end.message).toContain(problem)
  })

  it('says where a getter of it threw', async ({ expect }) => {
    const end = await endOf(`[{ id: 'x', get kind() { throw new RangeError('mine') } }]`)

    expect(end).toMatchObject({ kind: 'strategy_error', reason: 'threw', location: { file: 'main.js', line: 3 } })
  })
})
