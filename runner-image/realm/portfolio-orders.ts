/**
 * Theory of operation. What `submit` is told was made by user code: each field is read once, into a plain copy, before
 * anything is written, so that a getter which submits again disturbs nothing. What is wrong with an order ends the run, even
 * if the strategy catches the error.
 */
import { isFieldValue } from '../../src/backtest/decision-fields.ts'
import {
  ACTIONS,
  ENTRY_TYPES,
  ENUM_FIELDS,
  NUMBER_FIELDS,
  TIMES_IN_FORCE,
  type EnumField,
  type NumberField,
} from '../../src/backtest/decision-log.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'
import { checkFields, RANGES } from './decision-fields.ts'
import type { RowColumns } from './row-columns.ts'

/** An order that was checked: columns by name. */
export interface OrderFields {
  readonly symbol: number
  readonly side: 'buy' | 'sell'
  readonly numbers: ReadonlyMap<NumberField, number>
  readonly enums: ReadonlyMap<EnumField, number>
}

const TYPES = ENTRY_TYPES.slice(1) as readonly string[]
const SAME_NAME: readonly NumberField[] = ['tpPrice', 'tpPct', 'slPrice', 'slPct', 'expiresAfterBars']
const OTHERS = ['symbol', 'side', 'quantity', 'type', 'limitPrice', 'stopPrice', 'trail', 'timeInForce', 'reduceOnly']
const KNOWN = new Set<string>([...OTHERS, ...SAME_NAME])

function bad(problem: string): never {
  fail('bad_decision', `submit() got an order whose ${problem}`)
}

/** Each enumerable field once. */
function copyOf(request: unknown): Map<string, unknown> {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    fail('bad_decision', `submit() got ${describeValue(request)}, expected an order`)
  }
  const fields = new Map<string, unknown>()
  for (const key in request) {
    if (!KNOWN.has(key)) fail('bad_decision', `submit() got an order with an unknown field ${describeValue(key)}`)
    const value = (request as Record<string, unknown>)[key]
    if (value !== undefined) fields.set(key, value)
  }
  return fields
}

function numberOf(key: string, name: NumberField, value: unknown): number {
  if (typeof value !== 'number' || value - value !== 0)
    bad(`${key} is ${describeValue(value)}, expected a finite number`)
  if (!isFieldValue(name, value)) bad(`${key} is ${value}, expected ${RANGES[name] ?? 'a positive number'}`)
  return value
}

function choiceOf<T extends string>(key: string, value: unknown, choices: readonly T[]): T {
  const place = choices.indexOf(value as T)
  if (place < 0) bad(`${key} is ${describeValue(value)}, expected one of ${choices.join(', ')}`)
  return choices[place]!
}

/** Which columns hold the prices of a type: a limit has a limitPrice, a stop a stopPrice, a stop_limit both. */
function readPrices(type: string, fields: Map<string, unknown>, numbers: Map<NumberField, number>): void {
  const wants = {
    limitPrice: type === 'limit' || type === 'stop_limit',
    stopPrice: type === 'stop' || type === 'stop_limit',
  }
  for (const key of ['limitPrice', 'stopPrice'] as const) {
    const value = fields.get(key)
    if (wants[key] && value === undefined) bad(`type is '${type}' without a ${key}`)
    if (!wants[key] && value !== undefined) bad(`${key} is ${describeValue(value)} with type '${type}'`)
    if (value === undefined) continue
    const column = key === 'limitPrice' && type === 'stop_limit' ? 'limitPrice' : 'entryPrice'
    numbers.set(column, numberOf(key, column, value))
  }
}

function readTrail(value: unknown, numbers: Map<NumberField, number>): void {
  let found = 0
  if (typeof value === 'object' && value !== null) {
    for (const key in value) {
      found += 1
      const name = key === 'distance' ? 'trailDistance' : key === 'percent' ? 'trailPct' : null
      if (name === null || found > 1) bad(`trail is ${describeValue(value)}, expected distance or percent`)
      numbers.set(name, numberOf(`trail.${key}`, name, (value as Record<string, unknown>)[key]))
    }
  }
  if (found === 0) bad(`trail is ${describeValue(value)}, expected { distance } or { percent }`)
}

function readFlag(value: unknown): boolean {
  if (value !== undefined && typeof value !== 'boolean')
    bad(`reduceOnly is ${describeValue(value)}, expected true or false`)
  return value === true
}

/** Checks an order. Fails with bad_decision. */
export function readOrder(request: unknown, symbols: readonly string[]): OrderFields {
  const fields = copyOf(request)
  const numbers = new Map<NumberField, number>()
  const enums = new Map<EnumField, number>()
  const symbol = fields.has('symbol')
    ? fields.get('symbol')
    : symbols.length === 1
      ? symbols[0]
      : bad('symbol is missing')
  const place = symbols.indexOf(symbol as string)
  if (place < 0) bad(`symbol is ${describeValue(symbol)}, expected one of the run`)
  const side = choiceOf('side', fields.get('side'), ['buy', 'sell'])
  numbers.set('size', numberOf('quantity', 'size', fields.get('quantity')))
  const type = choiceOf('type', fields.get('type') ?? 'market', TYPES)
  enums.set('entryType', 1 + TYPES.indexOf(type))
  readPrices(type, fields, numbers)
  for (const name of SAME_NAME) if (fields.has(name)) numbers.set(name, numberOf(name, name, fields.get(name)))
  if (fields.has('trail')) readTrail(fields.get('trail'), numbers)
  if (fields.has('timeInForce')) {
    const life = choiceOf('timeInForce', fields.get('timeInForce'), TIMES_IN_FORCE)
    enums.set('timeInForce', TIMES_IN_FORCE.indexOf(life))
  }
  if (readFlag(fields.get('reduceOnly'))) {
    const brackets = ['tpPrice', 'tpPct', 'slPrice', 'slPct', ...(type === 'stop' ? [] : ['trail'])]
    const bracket = brackets.find((name) => fields.has(name))
    if (bracket !== undefined) bad(`${bracket} is set, but a reduceOnly order opens nothing`)
    enums.set('reduceOnly', 1)
  }
  enums.set('action', ACTIONS.indexOf('order'))
  return { symbol: place, side, numbers, enums }
}

/** Writes the optional columns of a row that was begun. */
export function writeFields(
  columns: RowColumns,
  {
    numbers,
    enums,
  }: { readonly numbers: ReadonlyMap<NumberField, number>; readonly enums: ReadonlyMap<EnumField, number> },
): void {
  for (const [name, value] of numbers) columns.scratch[NUMBER_FIELDS.indexOf(name)] = value
  for (const [name, code] of enums) columns.codes[ENUM_FIELDS.indexOf(name)] = code
  const { scratch, codes } = columns
  checkFields({ scratch, codes, saysGtc: enums.get('timeInForce') === 0, isAsked: false }, bad)
}
