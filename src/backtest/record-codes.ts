import { FILL_RULES, ORDER_TYPES, PATHS, RECORD_KINDS, RECORD_REASONS, type RecordReason } from './records.ts'

/** Numbers of names in the tables of records.ts, so that writing a record looks nothing up. */
type Codes<T extends readonly string[]> = { readonly [K in T[number]]: number }

function codesOf<const T extends readonly string[]>(names: T): Codes<T> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Codes<T>
}

export const KIND = codesOf(RECORD_KINDS)
export const REASON: Codes<readonly RecordReason[]> = codesOf(RECORD_REASONS)
export const ORDER_TYPE = codesOf(ORDER_TYPES)
export const RULE = codesOf(FILL_RULES)
export const PATH = codesOf(PATHS)
export const SELL = 1
/** Code of a side: 1 buys, −1 sells. */
export function sideCode(side: number): number {
  return side > 0 ? 0 : SELL
}
export const MAKER = 1
export const TAKER = 2
