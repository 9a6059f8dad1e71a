import { beforeAll, describe, expect, it } from 'vitest'
import { ClaimedEnd } from '../../../runner-image/claims.ts'
import type { EmptyRealm } from '../../../runner-image/empty-realm.ts'
import type { TaskContext } from '../../../runner-image/tasks/context.ts'
import { runPlan } from '../../../runner-image/tasks/plan-task.ts'
import type { RunPlan } from '../../../runner-image/tasks/task.ts'
import type { FlatJson } from '../../../src/protocol/run-config.ts'
import type { ClaimedOutcome } from '../../../src/protocol/outcome.ts'
import { bundleRealmScript, createTaskRunner } from '../../support/realm-run.ts'
import { makeHeader, makeRunConfig } from '../../support/runner-program.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

async function plan(source: string, options: { params?: FlatJson; name?: string } = {}): Promise<RunPlan> {
  const { params = {}, name = 'default' } = options
  const config = makeRunConfig({
    strategy: { module: 'main.ts', class: name, params },
    files: [{ path: 'main.ts', source }],
    symbols: ['AAA', 'BBB', 'CCC'],
  })
  return createTaskRunner(script).plan(makeHeader(config))
}

async function endOf(source: string, options: { params?: FlatJson; name?: string } = {}): Promise<ClaimedOutcome> {
  try {
    await plan(source, options)
  } catch (error) {
    if (error instanceof ClaimedEnd) return error.outcome
    throw error
  }
  throw new Error('The plan did not fail')
}

const classOf = (members: string) => `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy<{ n: number }> {
  ${members}
}`

describe('the plan of a run', () => {
  it('holds symbols, lookback, parameters and their table', async () => {
    const result = await plan(
      classOf(`static params = { n: { type: 'integer', default: 5, minimum: 1, maximum: 9, description: 'd' }, s: { type: 'string', default: 'a', enum: ['a', 'b'] } }
        filterSymbols(symbols) { return symbols.filter((s) => s !== 'BBB').reverse() }
        indicatorPeriods() { return { a: 3, b: this.params.n } }`),
      { params: { n: 7 } },
    )

    expect(result).toMatchObject({ symbols: ['AAA', 'CCC'], lookback: 7, aggregates: false, params: { n: 7, s: 'a' } })
    expect(result.inspection).toEqual({
      name: 'S',
      kind: 'proposal',
      lookback: 7,
      symbols: ['AAA', 'CCC'],
      params: [
        { name: 'n', type: 'integer', default: 5, minimum: 1, maximum: 9, description: 'd' },
        { name: 's', type: 'string', default: 'a', enum: ['a', 'b'] },
      ],
    })
  })

  it('finds a named class', async () => {
    const source = `import { BaseStrategy } from 'hotcell'\nexport class Mine extends BaseStrategy { requiredLookback() { return 3 } }`

    expect((await plan(source, { name: 'Mine' })).lookback).toBe(3)
    expect((await endOf(source)).message).toBe('The module has no default export; it exports Mine')
    expect((await endOf(source, { name: 'Other' })).message).toContain('does not export "Other"')
  })

  it.each([
    [`requiredLookback() { return 1.5 }`, 'requiredLookback() returned 1.5'],
    [`requiredLookback() { return -1 }`, 'requiredLookback() returned -1'],
    [`requiredLookback() { return '5' }`, 'requiredLookback() returned "5"'],
    [`requiredLookback() { return 2_000_000 }`, 'expected an integer of 0 to 1000000'],
    [`async requiredLookback() { return 5 }`, 'requiredLookback() returned an object'],
    [`filterSymbols() { return ['ZZZ'] }`, 'filterSymbols() returned "ZZZ"'],
    [`filterSymbols() { return ['AAA', 'AAA'] }`, 'filterSymbols() returned AAA twice'],
    [`filterSymbols() { return 'AAA' }`, 'filterSymbols() returned "AAA"'],
    [`filterSymbols() { return [] }`, 'left no symbol'],
    [`workUnits() { return [['AAA'], ['AAA']] }`, 'AAA in two units'],
    [`workUnits() { return [[]] }`, 'an empty unit'],
    [`workUnits() { return ['AAA'] }`, 'workUnits() returned "AAA"'],
    [`workUnits() { return [['AAA', 'AAA']] }`, 'workUnits() returned AAA twice'],
    [`workUnits() { return [['AAA', 'BBB'], ['CCC', 'BBB']] }`, 'BBB in two units'],
    [`requiredIntervals() { return '4h' }`, 'requiredIntervals() returned "4h", expected a list'],
    [`requiredIntervals() { return ['7h'] }`, 'requiredIntervals()[0] is "7h", expected one of 1m'],
    [`requiredIntervals() { return ['1h'] }`, 'requiredIntervals()[0]: bars of 1h cannot be built of bars of 1h'],
    [`requiredIntervals() { return ['4h', '4h'] }`, 'requiredIntervals() returned 4h twice'],
    [`refitEvery = 5`, 'refitEvery is 5, but the strategy has no fit()'],
    [`fit() {}; refitEvery = 2.5`, 'refitEvery is 2.5, expected an integer of 0 (never) to 1000000'],
    [`fit() {}; refitEvery() { return 5 }`, 'refitEvery is a function, expected an integer'],
    [`fit = 5`, 'fit is 5, expected a method'],
    [`onBar = 5`, 'onBar is 5, expected a method'],
    [`validateParams() { return 'no' }`, 'validateParams() returned "no"'],
    [`static params = 5`, 'static params must be an object'],
    [`static params = { n: { type: 'int', default: 5 } }`, 'static params "n" has no type of'],
    [`static params = { n: { type: 'integer', default: 1.5 } }`, 'has a default that must be an integer'],
    [`static params = { n: { type: 'integer', default: 5, pattern: 'x' } }`, 'has an unknown field "pattern"'],
    [`static params = { n: { type: 'integer', default: 5, maximum: 4 } }`, 'has a default that must be at most 4'],
    [`static params = { 'a b': { type: 'integer', default: 5 } }`, 'is not a valid name'],
  ])('refuses %s as bad_answer', async (members, problem) => {
    const end = await endOf(classOf(members))

    expect(end).toMatchObject({ kind: 'strategy_error', reason: 'bad_answer' })
    expect(end.message).toContain(problem)
  })

  it.each<[FlatJson, string, string]>([
    [{ m: 1 }, '/strategy/params/m', 'is not a parameter'],
    [{ n: '5' }, '/strategy/params/n', 'must be an integer'],
    [{ n: 1.5 }, '/strategy/params/n', 'must be an integer'],
    [{ n: 0 }, '/strategy/params/n', 'must be at least 1'],
    [{ n: null }, '/strategy/params/n', 'must be an integer'],
    [{ n: 8 }, '/strategy/params', 'n must be odd'],
  ])('refuses the parameters %j as invalid_config', async (params, pointer, problem) => {
    const source = classOf(`static params = { n: { type: 'integer', default: 5, minimum: 1 } }
      validateParams({ n }) { return n % 2 === 1 ? [] : ['n must be odd'] }`)
    const end = await endOf(source, { params })

    expect(end).toMatchObject({ kind: 'invalid_config', reason: null, pointer })
    expect(end.message).toContain(problem)
  })

  it.each([
    [`export default class {}`, 'expected a class that extends BaseStrategy'],
    [`export default 5`, 'The export "default" is 5'],
    [
      `import { BaseStrategy } from 'hotcell'; export default class S extends BaseStrategy { constructor() { super(); return {} } }`,
      'constructor returned',
    ],
  ])('refuses %s', async (source, problem) => {
    expect((await endOf(source)).message).toContain(problem)
  })

  it('names the place of what loading or construction throws', async () => {
    const load = await endOf(`import { BaseStrategy } from 'hotcell'\n\nthrow new RangeError('boo')`)
    const built = await endOf(classOf(`constructor() {\n    super()\n    throw new Error('no')\n  }`))

    expect(load).toMatchObject({ kind: 'strategy_error', reason: 'threw', location: { file: 'main.ts', line: 3 } })
    expect(load.message).toContain('RangeError: boo')
    expect(built).toMatchObject({ kind: 'strategy_error', reason: 'threw', location: { file: 'main.ts', line: 5 } })
  })
})

describe('the isolate of a strategy that does not load', () => {
  const cases: readonly [name: string, source: string, disposed: readonly boolean[]][] = [
    ['a module that throws', `throw new Error('no')\n${classOf('')}`, [true]],
    ['a class that is missing', `import { BaseStrategy } from 'hotcell'`, [true]],
    ['a class that cannot be built', classOf(`constructor() { super(); throw new Error('no') }`), [true]],
    ['a syntax error, for which none is made', `${classOf('')}\nlet = 5 +`, []],
  ]
  for (const [name, source, disposed] of cases) {
    it(`is disposed after ${name}`, async () => {
      const { context } = createTaskRunner(script)
      const opened: EmptyRealm[] = []
      const watched: TaskContext = {
        ...context,
        takeRealm(memoryBytes) {
          const realm = context.takeRealm(memoryBytes)
          opened.push(realm)
          return realm
        },
      }
      const config = makeRunConfig({
        strategy: { module: 'main.ts', class: 'default', params: {} },
        files: [{ path: 'main.ts', source }],
      })

      await expect(runPlan(makeHeader(config), watched)).rejects.toThrow(ClaimedEnd)

      expect(opened.map(({ isolate }) => isolate.isDisposed)).toEqual(disposed)
    })
  }
})
