/** Finding, constructing and asking a strategy object: every answer of user code is checked here. */
import { BaseStrategy } from '../../src/strategies/base-strategy.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { FlatJson } from '../../src/protocol/run-config.ts'
import type { Interval } from '../../src/candles/interval.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'
import { readInterval } from './indicator-requests.ts'
import type { PlanAnswer } from './wire.ts'

export type StrategyClass = new (params: FlatJson) => BaseStrategy

/** Plan of a strategy that refuses its parameters. */
export const NOTHING_PLANNED: Omit<PlanAnswer, 'problems'> = {
  symbols: [],
  units: [],
  lookback: 0,
  aggregates: false,
  isPortfolio: false,
  indicators: [],
  intervals: [],
}

const MAX_LOOKBACK = 1_000_000

/** The exported class of the main module. */
export function findClass(namespace: Record<string, unknown>, name: string): StrategyClass {
  if (!Object.hasOwn(namespace, name)) {
    const names = Object.keys(namespace).join(', ')
    const what = name === 'default' ? 'has no default export' : `does not export "${name}"`
    fail('bad_answer', `The module ${what}; it exports ${names === '' ? 'nothing' : names}`)
  }
  const found = namespace[name]
  if (typeof found !== 'function' || !(found.prototype instanceof BaseStrategy)) {
    fail('bad_answer', `The export "${name}" is ${describeValue(found)}, expected a class that extends BaseStrategy`)
  }
  return found as StrategyClass
}

/** A new strategy with its parameters set and its state reset. */
export function construct(found: StrategyClass, params: FlatJson): BaseStrategy {
  const strategy = new found(params)
  if (typeof strategy !== 'object' || !(strategy instanceof BaseStrategy)) {
    fail('bad_answer', 'The constructor returned something else than the strategy')
  }
  strategy.setParams(params)
  strategy.reset()
  return strategy
}

/** Whether it is a portfolio strategy, which is asked in phase 2. */
export function askPortfolio(strategy: BaseStrategy): boolean {
  const { onBar }: { onBar?: unknown } = strategy
  if (onBar !== undefined && typeof onBar !== 'function')
    fail('bad_answer', `onBar is ${describeValue(onBar)}, expected a method`)
  return onBar !== undefined
}

/** The higher intervals that the strategy reads, each once. */
export function askIntervals(strategy: BaseStrategy, base: Interval): Interval[] {
  const answer: unknown = strategy.requiredIntervals()
  if (!Array.isArray(answer))
    fail('bad_answer', `requiredIntervals() returned ${describeValue(answer)}, expected a list`)
  const found: Interval[] = []
  for (let i = 0; i < answer.length; i++) {
    const interval = readInterval(`requiredIntervals()[${i}]`, answer[i], base)
    if (found.includes(interval)) fail('bad_answer', `requiredIntervals() returned ${interval} twice`)
    found.push(interval)
  }
  return found
}

export function isOverridden(strategy: BaseStrategy, name: 'aggregateSignals'): boolean {
  return strategy[name] !== BaseStrategy.prototype[name]
}

/** Messages of validateParams, at most 50. */
export function askProblems(strategy: BaseStrategy, params: FlatJson): string[] {
  const answer: unknown = strategy.validateParams(params)
  if (answer === undefined || answer === null) return []
  if (!Array.isArray(answer))
    fail('bad_answer', `validateParams() returned ${describeValue(answer)}, expected a list of messages`)
  const problems: string[] = []
  for (let i = 0; i < answer.length && i < 50; i++) {
    const item: unknown = answer[i]
    if (typeof item !== 'string')
      fail('bad_answer', `validateParams() returned ${describeValue(item)} in its list, expected a message`)
    problems.push(item.slice(0, 1024))
  }
  return problems
}

export function askLookback(strategy: BaseStrategy): number {
  const answer: unknown = strategy.requiredLookback()
  if (!Number.isSafeInteger(answer) || (answer as number) < 0 || (answer as number) > MAX_LOOKBACK) {
    fail(
      'bad_answer',
      `requiredLookback() returned ${describeValue(answer)}, expected an integer of 0 to ${MAX_LOOKBACK}`,
    )
  }
  return answer as number
}

/**
 * filterSymbols, then the units: symbols that are traded in the order of the run, units by their first symbol, each in the
 * order of the answer.
 */
export function askUnits(
  strategy: BaseStrategy,
  symbols: readonly string[],
  instruments: readonly (Instrument | null)[],
): { symbols: string[]; units: string[][] } {
  const filtered = readSymbols('filterSymbols', strategy.filterSymbols([...symbols], [...instruments]), symbols)
  const chosen = symbols.filter((symbol) => filtered.includes(symbol))
  const units: unknown = strategy.workUnits([...chosen])
  if (!Array.isArray(units))
    fail('bad_answer', `workUnits() returned ${describeValue(units)}, expected a list of lists of symbols`)
  const groups: string[][] = []
  const members = new Set<string>()
  for (let i = 0; i < units.length; i++) {
    const unit = readSymbols('workUnits', units[i], chosen)
    if (unit.length === 0) fail('bad_answer', 'workUnits() returned an empty unit')
    for (const symbol of unit) {
      if (members.has(symbol)) fail('bad_answer', `workUnits() returned ${symbol} in two units`)
      members.add(symbol)
    }
    groups.push(unit)
  }
  if (members.size === 0) fail('bad_answer', 'The strategy left no symbol to trade')
  groups.sort((a, b) => symbols.indexOf(a[0]!) - symbols.indexOf(b[0]!))
  return { symbols: symbols.filter((symbol) => members.has(symbol)), units: groups }
}

function readSymbols(method: string, answer: unknown, known: readonly string[]): string[] {
  if (!Array.isArray(answer))
    fail('bad_answer', `${method}() returned ${describeValue(answer)}, expected a list of symbols`)
  const found: string[] = []
  for (let i = 0; i < answer.length; i++) {
    const symbol: unknown = answer[i]
    if (!known.includes(symbol as string))
      fail('bad_answer', `${method}() returned ${describeValue(symbol)}, which is not one of the symbols it was given`)
    if (found.includes(symbol as string)) fail('bad_answer', `${method}() returned ${String(symbol)} twice`)
    found.push(symbol as string)
  }
  return found
}
