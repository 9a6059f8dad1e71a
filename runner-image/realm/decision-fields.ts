/** The fields of a decision by name, and what must hold between them. */
import { MAX_EXPIRY_BARS } from '../../src/backtest/decision-fields.ts'
import {
  ENTRY_TYPES,
  ENUM_FIELDS,
  ENUM_VALUES,
  NUMBER_FIELDS,
  TIMES_IN_FORCE,
  type EnumField,
  type NumberField,
} from '../../src/backtest/decision-log.ts'

/**
 * Columns that are no field of a decision: `trail` is one field of two columns, the engine knows who is late, legs are read
 * apart, the rest is of orders.
 */
const NO_FIELDS: ReadonlySet<unknown> = new Set<NumberField | EnumField>([
  ...(['trailDistance', 'trailPct', 'late'] as const),
  ...(['leg', 'liveTime', 'liveBar'] as const),
  ...(['target', 'action', 'reduceOnly'] as const),
])
export const NUMBER_INDEX: Readonly<Record<string, number>> = Object.assign(
  Object.create(null) as Record<string, number>,
  Object.fromEntries(NUMBER_FIELDS.map((name, index) => [name, index]).filter(([name]) => !NO_FIELDS.has(name))),
)
export const ENUM_INDEX: Readonly<Record<string, number>> = Object.assign(
  Object.create(null) as Record<string, number>,
  Object.fromEntries(ENUM_FIELDS.map((name, index) => [name, index]).filter(([name]) => !NO_FIELDS.has(name))),
)
const ENTRY_TYPE = ENUM_FIELDS.indexOf('entryType')
const TIME_IN_FORCE = ENUM_FIELDS.indexOf('timeInForce')
const GTD = TIMES_IN_FORCE.indexOf('gtd')
const STOP_LIMIT = ENTRY_TYPES.indexOf('stop_limit')
const LIMIT_PRICE = NUMBER_FIELDS.indexOf('limitPrice')
export const LATE = NUMBER_FIELDS.indexOf('late')
export const LEG = NUMBER_FIELDS.indexOf('leg')
export const LIVE_TIME = NUMBER_FIELDS.indexOf('liveTime')
export const LIVE_BAR = NUMBER_FIELDS.indexOf('liveBar')
export const TRAIL_DISTANCE = NUMBER_FIELDS.indexOf('trailDistance')
export const TRAIL_PCT = NUMBER_FIELDS.indexOf('trailPct')
const EXPIRES = NUMBER_FIELDS.indexOf('expiresAfterBars')
const ENTRY_PRICE = NUMBER_FIELDS.indexOf('entryPrice')
const TP_PRICE = NUMBER_FIELDS.indexOf('tpPrice')
const TP_PCT = NUMBER_FIELDS.indexOf('tpPct')
const SL_PRICE = NUMBER_FIELDS.indexOf('slPrice')
const SL_PCT = NUMBER_FIELDS.indexOf('slPct')
export const MAX_NAME = 128
export const RANGES: { readonly [K in NumberField]?: string } = {
  confidence: '0 to 1',
  expiresAfterBars: `a whole number from 1 to ${MAX_EXPIRY_BARS}`,
}

/** Ends the run; told what is wrong with a decision. */
type Bad = (problem: string) => never

/** Fields of a decision as they were read. */
interface ReadFields {
  readonly scratch: Float64Array
  readonly codes: Uint8Array
  /** Whether timeInForce was given as gtc, not left out. */
  readonly saysGtc: boolean
  /** Whether a function says the price of the entry. */
  readonly isAsked: boolean
}

/** Fields that exclude each other or need one another. `codes` becomes gtd where only its bars are given. */
export function checkFields(read: ReadFields, bad: Bad): void {
  checkBrackets(read.scratch, bad)
  checkEntry(read, bad)
}

function checkBrackets(scratch: Float64Array, bad: Bad): void {
  if (scratch[TP_PRICE] === scratch[TP_PRICE] && scratch[TP_PCT] === scratch[TP_PCT])
    bad('take-profit has a price and a percentage')
  if (scratch[SL_PRICE] === scratch[SL_PRICE] && scratch[SL_PCT] === scratch[SL_PCT])
    bad('stop-loss has a price and a percentage')
}

function checkEntry({ scratch, codes, saysGtc, isAsked }: ReadFields, bad: Bad): void {
  const code = codes[ENTRY_TYPE]!
  if (code > 1 && !isAsked && scratch[ENTRY_PRICE] !== scratch[ENTRY_PRICE])
    bad(`entryType is '${ENUM_VALUES.entryType[code]!}' without an entryPrice`)
  const hasLimit = scratch[LIMIT_PRICE] === scratch[LIMIT_PRICE]
  if (code === STOP_LIMIT && !hasLimit) bad(`entryType is 'stop_limit' without a limitPrice`)
  if (code !== STOP_LIMIT && hasLimit) bad(`limitPrice is ${scratch[LIMIT_PRICE]!} without entryType 'stop_limit'`)
  const hasExpiry = scratch[EXPIRES] === scratch[EXPIRES]
  const time = codes[TIME_IN_FORCE]!
  if (hasExpiry && time === 0 && !saysGtc) codes[TIME_IN_FORCE] = GTD
  else if (hasExpiry && time !== GTD) bad(`timeInForce is '${TIMES_IN_FORCE[time]!}' with expiresAfterBars`)
  else if (!hasExpiry && time === GTD) bad(`timeInForce is 'gtd' without expiresAfterBars`)
}
