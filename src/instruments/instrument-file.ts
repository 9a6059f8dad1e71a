import { Type, type Static } from 'typebox'
import { isSymbol } from '../candles/symbol.ts'
import { findTierFault } from '../execution/margin-tiers.ts'
import { PlatformError, type FieldError } from '../errors.ts'
import { checkShape, matchShape } from '../protocol/check.ts'
import { oneOf } from '../protocol/one-of.ts'
import type { Instrument } from './instrument.ts'

const strict = { additionalProperties: false } as const

/** A decimal number as text, so that a step of 0.1 stays exactly that. */
const DecimalString = Type.String({ pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$', maxLength: 40 })
const NullableDecimal = Type.Union([DecimalString, Type.Null()])
const Asset = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$' })

/** A margin tier of perpetuals: notional from `floor` (exclusive) to `cap` (inclusive, null: without end). */
const MarginTier = Type.Object(
  {
    floor: DecimalString,
    cap: NullableDecimal,
    maintenanceMarginRate: DecimalString,
    maintenanceAmount: Type.Optional(DecimalString),
    clearanceFeeRate: Type.Optional(DecimalString),
    maxLeverage: Type.Optional(DecimalString),
  },
  strict,
)

const InstrumentEntry = Type.Object(
  {
    symbol: Type.String({ maxLength: 64 }),
    market: oneOf(['spot', 'perpetual']),
    base: Asset,
    quote: Asset,
    tick: NullableDecimal,
    step: NullableDecimal,
    minQuantity: NullableDecimal,
    minNotional: NullableDecimal,
    multiplier: DecimalString,
    calendar: Type.String({ minLength: 1, maxLength: 32 }),
    marginTiers: Type.Optional(Type.Array(MarginTier, { maxItems: 100 })),
  },
  strict,
)

/** An instrument file (SHAPES 7). Its version is a label of its author, part of what a run was computed with. */
export const InstrumentFile = Type.Object(
  {
    version: Type.String({ minLength: 1, maxLength: 64 }),
    instruments: Type.Array(InstrumentEntry, { maxItems: 100_000 }),
  },
  strict,
)

export interface InstrumentData {
  readonly version: string
  readonly instruments: readonly Instrument[]
}

/**
 * Instrument data out of a parsed JSON document, sorted by market and symbol (code units).
 * @throws PlatformError invalid_instruments with a JSON pointer for each thing that is wrong
 */
export function parseInstruments(value: unknown): InstrumentData {
  const shapeErrors = checkShape(InstrumentFile, value)
  if (shapeErrors.length > 0) throw invalidInstruments(shapeErrors)
  const file = matchShape(InstrumentFile, value)!
  const errors: FieldError[] = []
  const seen = new Set<string>()
  const instruments = file.instruments.map((entry, index): Instrument => {
    const pointer = `/instruments/${index}`
    errors.push(...checkEntry(entry, pointer))
    const key = keyOf(entry)
    if (seen.has(key)) errors.push({ pointer, message: `names ${entry.market} ${entry.symbol} a second time` })
    seen.add(key)
    return { ...entry, calendar: '24/7' }
  })
  if (errors.length > 0) throw invalidInstruments(errors.slice(0, 50))
  return { version: file.version, instruments: instruments.toSorted((a, b) => compare(keyOf(a), keyOf(b))) }
}

function keyOf(one: { market: string; symbol: string }): string {
  return `${one.market}/${one.symbol}`
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function checkEntry(entry: Static<typeof InstrumentEntry>, pointer: string): FieldError[] {
  const errors: FieldError[] = []
  const add = (field: string, message: string): void => void errors.push({ pointer: `${pointer}/${field}`, message })
  if (!isSymbol(entry.symbol)) add('symbol', 'is not a symbol name (1 to 32 letters, digits, ".", "-" or "_")')
  if (entry.calendar !== '24/7') add('calendar', 'not supported yet: only 24/7')
  for (const field of ['tick', 'step', 'multiplier'] as const) {
    if (entry[field] !== null && !(Number(entry[field]) > 0)) add(field, 'must be above 0')
  }
  for (const field of ['tick', 'step', 'minQuantity', 'minNotional', 'multiplier'] as const) {
    if (!Number.isFinite(Number(entry[field] ?? '0'))) add(field, 'is too large')
  }
  if (entry.market === 'spot' && entry.marginTiers !== undefined) add('marginTiers', 'belong to perpetuals only')
  const fault = findTierFault(entry.marginTiers ?? [])
  if (fault !== null) add(`marginTiers/${fault.at}`, fault.message)
  if (entry.market === 'spot' && Number(entry.multiplier) !== 1) add('multiplier', 'must be 1 for a spot instrument')
  return errors
}

/** The error of an instrument file, with what is wrong where. */
export function invalidInstruments(errors: readonly FieldError[]): PlatformError {
  const first = errors[0] ?? { pointer: '', message: 'is not valid' }
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return new PlatformError(
    'invalid_instruments',
    `Cannot read instruments: ${first.pointer === '' ? 'the document' : `"${first.pointer}"`} ${first.message}${more}`,
    { errors },
  )
}
