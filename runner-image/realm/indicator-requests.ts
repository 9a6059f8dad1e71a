/** Reading what requiredIndicators() answers: made by user code, so each field is read once and checked as a local. */
import {
  INDICATOR_KINDS,
  INDICATOR_SOURCES,
  type IndicatorSource,
  type IndicatorSpec,
  indicatorDefinition,
  isIndicatorKind,
  resolveIndicatorParams,
} from '../../src/indicators/catalogue.ts'
import { INTERVALS, type Interval } from '../../src/candles/interval.ts'
import { findResampleProblem } from '../../src/candles/resample.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { BaseStrategy } from '../../src/strategies/base-strategy.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'

const MAX_INDICATORS = 64
const MAX_FIELDS = 16
const FIELDS: readonly string[] = ['id', 'kind', 'params', 'source', 'symbol', 'interval']
const ID = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

interface Surroundings {
  readonly symbols: readonly string[]
  readonly instruments: readonly (Instrument | null)[]
  readonly interval: Interval
}

/** The indicators that a strategy asks for, with defaults. Fails with bad_answer, which names the entry. */
export function askIndicators(strategy: BaseStrategy, around: Surroundings): IndicatorSpec[] {
  const answer: unknown = strategy.requiredIndicators([...around.symbols], [...around.instruments])
  if (!Array.isArray(answer)) {
    fail('bad_answer', `requiredIndicators() returned ${describeValue(answer)}, expected a list`)
  }
  const length: unknown = answer.length
  if (!Number.isSafeInteger(length) || (length as number) < 0 || (length as number) > MAX_INDICATORS) {
    fail(
      'bad_answer',
      `requiredIndicators() returned ${describeValue(length)} entries, expected at most ${MAX_INDICATORS}`,
    )
  }
  const specs: IndicatorSpec[] = []
  for (let i = 0; i < (length as number); i++) {
    const spec = readRequest(`requiredIndicators()[${i}]`, answer[i], around)
    if (specs.some(({ id }) => id === spec.id)) fail('bad_answer', `requiredIndicators() has the id "${spec.id}" twice`)
    specs.push(spec)
  }
  return specs
}

function readRequest(where: string, raw: unknown, around: Surroundings): IndicatorSpec {
  const fields = readFields(where, raw)
  for (const name of fields.keys()) {
    if (FIELDS.includes(name)) continue
    fail('bad_answer', `${where} has an unknown field ${describeValue(name)}, expected ${FIELDS.join(', ')}`)
  }
  const id = fields.get('id')
  if (typeof id !== 'string' || !ID.test(id) || id === '__proto__') {
    fail('bad_answer', `${where}.id is ${describeValue(id)}, expected a name of letters, digits and _`)
  }
  const kind = fields.get('kind')
  if (!isIndicatorKind(kind)) {
    fail('bad_answer', `${where}.kind is ${describeValue(kind)}, expected one of ${INDICATOR_KINDS.join(', ')}`)
  }
  const given = fields.get('interval')
  const interval =
    given === undefined || given === around.interval ? null : readInterval(`${where}.interval`, given, around.interval)
  const params = fields.get('params')
  const resolved = resolveIndicatorParams(
    kind,
    params === undefined ? new Map() : readFields(`${where}.params`, params),
  )
  if ('problem' in resolved) fail('bad_answer', `${where}.params: ${resolved.problem}`)
  const source = readSource(where, fields.get('source'), indicatorDefinition(kind).takesSource ? null : kind)
  const symbol = fields.get('symbol')
  if (symbol !== undefined && !around.symbols.includes(symbol as string)) {
    fail('bad_answer', `${where}.symbol is ${describeValue(symbol)}, expected one that the strategy trades`)
  }
  return {
    id,
    kind,
    params: resolved.params,
    source,
    symbol: symbol === undefined ? null : (symbol as string),
    interval,
  }
}

/** An interval whose bars can be built of those of the run. */
export function readInterval(where: string, value: unknown, base: Interval): Interval {
  if (!INTERVALS.includes(value as Interval)) {
    fail('bad_answer', `${where} is ${describeValue(value)}, expected one of ${INTERVALS.join(', ')}`)
  }
  const problem = findResampleProblem(base, value as Interval)
  if (problem !== null) fail('bad_answer', `${where}: ${problem}`)
  return value as Interval
}

/** `kindWithout`: the kind, if it takes no source. */
function readSource(where: string, source: unknown, kindWithout: string | null): IndicatorSource | null {
  if (kindWithout !== null) {
    if (source === undefined) return null
    fail('bad_answer', `${where}.source is ${describeValue(source)}, but ${kindWithout} is not taken of one column`)
  }
  if (source === undefined) return 'close'
  if (INDICATOR_SOURCES.includes(source as IndicatorSource)) return source as IndicatorSource
  fail('bad_answer', `${where}.source is ${describeValue(source)}, expected one of ${INDICATOR_SOURCES.join(', ')}`)
}

/** Enumerable fields that are set, each read once. */
function readFields(where: string, raw: unknown): Map<string, unknown> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    fail('bad_answer', `${where} is ${describeValue(raw)}, expected an object`)
  }
  const fields = new Map<string, unknown>()
  for (const key in raw) {
    if (fields.size === MAX_FIELDS) fail('bad_answer', `${where} has more than ${MAX_FIELDS} fields`)
    const value = (raw as Record<string, unknown>)[key]
    if (value !== undefined) fields.set(key, value)
  }
  return fields
}
