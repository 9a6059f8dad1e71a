/**
 * Theory of operation. What `decide` returns was made by user code: each enumerable field is read exactly once into a local
 * and checked there, so an accessor or a proxy can at most lie once and consistently. A bar without a decision allocates nothing.
 */
import { isFieldValue } from '../../src/backtest/decision-fields.ts'
import { ENUM_FIELDS, ENUM_VALUES, NUMBER_FIELDS, TEXT_FIELDS } from '../../src/backtest/decision-log.ts'
import {
  checkFields,
  ENUM_INDEX,
  LATE,
  LEG,
  LIVE_BAR,
  LIVE_TIME,
  MAX_NAME,
  NUMBER_INDEX,
  RANGES,
  TRAIL_DISTANCE,
  TRAIL_PCT,
} from './decision-fields.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'
import { canonicalMeta } from './meta.ts'
import { decisionsOfProposal, type LegDecision } from './proposals.ts'
import { createRowColumns } from './row-columns.ts'
import type { RealmRows } from './wire.ts'

const PRICE_FN = TEXT_FIELDS.indexOf('priceFn')
const WHEN_FN = TEXT_FIELDS.indexOf('whenFn')
const EXIT_RESOLVER = TEXT_FIELDS.indexOf('exitResolver')
const EXECUTOR = TEXT_FIELDS.indexOf('executor')

export interface DecisionSink {
  /** Reads what a call answered for bar `bar`. */
  read(answer: unknown, bar: number): void
  /** The rows from `from` on (0: all). */
  take(from?: number): RealmRows
  readonly rows: number
}

export interface SinkOptions {
  /** Name of the method that answers, for messages. */
  readonly method: string
  /** Symbols that a decision may name; one without a name is for the first. */
  readonly symbols: readonly string[]
  readonly needsSymbol: boolean
  readonly maxDecisions: number
  readonly maxDecisionsPerCall: number
  /** Names that an entry type may have beside the built-in ones. */
  readonly executors: readonly string[]
  /** For answers that are not for one bar. */
  readonly at?: {
    /** Last closed bar of each symbol; -1: it is not ready. */
    readonly barOf: Int32Array
    /** Base slots since that bar closed. */
    readonly lateOf: (symbol: number) => number
  }
}

/** Where the decisions of one unit (or of the aggregation) are collected. */
export function createSink(options: SinkOptions): DecisionSink {
  const { method, symbols, needsSymbol, maxDecisions, maxDecisionsPerCall, executors, at } = options
  const columns = createRowColumns()
  const { scratch, codes } = columns
  /** gtc is what absence means too, but beside expiresAfterBars only absence means gtd. */
  let saysGtc = false

  function bad(problem: string): never {
    fail('bad_decision', `${method}() returned a decision whose ${problem}`)
  }

  function readNumber(key: string, index: number, value: unknown): void {
    if (typeof value !== 'number' || value - value !== 0)
      bad(`${key} is ${describeValue(value)}, expected a finite number`)
    const name = NUMBER_FIELDS[index]!
    if (!isFieldValue(name, value)) bad(`${key} is ${value}, expected ${RANGES[name] ?? 'a positive number'}`)
    scratch[index] = value
  }

  /** `default` is what absence means, not a word for it. */
  function readEnum(field: number, value: unknown, place: LegDecision | null): void {
    if (value === undefined) return
    const name = ENUM_FIELDS[field]!
    const values: readonly unknown[] = ENUM_VALUES[name]
    const code = value === 'default' ? -1 : values.indexOf(value)
    if (code < 0) {
      // No leg may name an executor
      const known = name === 'entryType' && place === null ? [...values, ...executors] : values
      const words = known.filter((word) => word !== 'default').join(', ')
      bad(`${name} is ${describeValue(value)}, expected one of ${words}`)
    }
    codes[field] = code
    if (value === 'gtc') saysGtc = true
  }

  function readTrail(value: unknown): void {
    if (value === undefined) return
    let found = -1
    if (typeof value === 'object' && value !== null) {
      for (const key in value) {
        const index = key === 'distance' ? TRAIL_DISTANCE : key === 'percent' ? TRAIL_PCT : -1
        if (found >= 0 || index < 0) bad(`trail is ${describeValue(value)}, expected distance or percent`)
        found = index
        readNumber(`trail.${key}`, index, (value as Record<string, unknown>)[key])
      }
    }
    if (found < 0) bad(`trail is ${describeValue(value)}, expected { distance } or { percent }`)
  }

  function symbolIndexOf(symbol: unknown): number {
    if (symbol === undefined) return needsSymbol ? bad('symbol is missing') : 0
    const index = symbols.indexOf(symbol as string)
    if (index < 0)
      bad(`symbol is ${describeValue(symbol)}, expected ${symbols.length === 1 ? symbols[0]! : 'one of the run'}`)
    return index
  }

  /** How many rows it makes. */
  function readProposal(answer: object, legs: unknown, bar: number, sequence: number): number {
    const list = decisionsOfProposal(answer, legs, bad)
    checkCount(sequence + list.length)
    for (let i = 0; i < list.length; i++) readOne(list[i]!.decision, bar, sequence + i, list[i]!)
    return list.length
  }

  /** How many rows it makes. */
  function readOne(answer: object, bar: number, sequence: number, place: LegDecision | null): number {
    const { signal } = answer as { signal?: unknown }
    if (signal === 'NO') return 0
    if (signal === undefined && place === null) {
      const { legs } = answer as { legs?: unknown }
      if (legs !== undefined) return readProposal(answer, legs, bar, sequence)
    }
    if (signal !== 'BUY' && signal !== 'SELL') bad(`signal is ${describeValue(signal)}, expected 'BUY', 'SELL' or 'NO'`)
    let symbol: unknown
    let meta: unknown
    let strategyName: unknown
    let executor: string | undefined
    columns.begin()
    saysGtc = false
    for (const key in answer) {
      if (key === 'signal') continue
      const value = (answer as Record<string, unknown>)[key]
      const number = NUMBER_INDEX[key]
      if (number !== undefined) {
        if (value !== undefined) readNumber(key, number, value)
      } else if (key === 'entryType' && place === null && executors.includes(value as string))
        executor = value as string
      else if (ENUM_INDEX[key] !== undefined) readEnum(ENUM_INDEX[key], value, place)
      else if (key === 'symbol') symbol = value
      else if (key === 'meta') meta = value
      else if (key === 'strategyName') strategyName = value
      else if (key === 'trail') readTrail(value)
      else refuseField(key)
    }
    const symbolIndex = symbolIndexOf(symbol)
    const row = at === undefined ? bar : at.barOf[symbolIndex]!
    if (row < 0) bad(`symbol is ${symbols[symbolIndex]!}, which is not ready: too few of its bars have closed`)
    const late = at === undefined ? 0 : at.lateOf(symbolIndex)
    if (late > 0) scratch[LATE] = late
    if (place !== null) setPlace(place)
    checkFields({ scratch, codes, saysGtc, isAsked: place?.priceFn !== undefined }, bad)
    if (place?.priceFn !== undefined) columns.setText(PRICE_FN, place.priceFn)
    if (place?.whenFn !== undefined) columns.setText(WHEN_FN, place.whenFn)
    if (place?.exitResolver !== undefined) columns.setText(EXIT_RESOLVER, place.exitResolver)
    if (executor !== undefined) columns.setText(EXECUTOR, executor)
    if (meta !== undefined) columns.setText(0, canonicalMeta(meta, bad))
    if (strategyName !== undefined) {
      if (typeof strategyName !== 'string' || strategyName.length === 0 || strategyName.length > MAX_NAME) {
        bad(`strategyName is ${describeValue(strategyName)}, expected a string of 1 to ${MAX_NAME} characters`)
      }
      columns.setText(1, strategyName)
    }
    const rows = columns.end({ bar: row, sequence, symbol: symbolIndex, signal: signal === 'BUY' ? 0 : 1 })
    if (rows > maxDecisions) fail('too_many_orders', `The run made more than ${maxDecisions} decisions`)
    return 1
  }

  function setPlace({ leg, liveTime, liveBar }: LegDecision): void {
    scratch[LEG] = leg
    scratch[LIVE_TIME] = liveTime
    scratch[LIVE_BAR] = liveBar
  }

  function refuseField(key: string): never {
    fail('bad_decision', `${method}() returned a decision with an unknown field ${describeValue(key)}`)
  }

  function checkCount(count: number): void {
    if (count > maxDecisionsPerCall) {
      fail(
        'too_many_orders',
        `${method}() returned ${count} decisions at once, at most ${maxDecisionsPerCall} are allowed`,
      )
    }
  }

  function readList(answer: unknown[], bar: number): void {
    // A proxy of an array may say anything of its length
    const length: unknown = answer.length
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0)
      return refuse(answer, 'without a length')
    checkCount(length)
    let sequence = 0
    for (let i = 0; i < length; i++) {
      const item = answer[i]
      if (item === null) continue
      if (typeof item !== 'object' || Array.isArray(item)) refuse(item, 'in a list')
      sequence += readOne(item, bar, sequence, null)
      checkCount(sequence)
    }
  }

  function refuse(answer: unknown, where: string): never {
    const isPromise = answer instanceof Promise
    const what = isPromise ? 'a promise' : describeValue(answer)
    const hint = isPromise ? '; it must answer synchronously' : ''
    fail(
      'bad_decision',
      `${method}() returned ${what}${where === '' ? '' : ` ${where}`}, expected a decision, a list of them or null${hint}`,
    )
  }

  return {
    read(answer, bar) {
      if (Array.isArray(answer)) readList(answer, bar)
      else if (typeof answer !== 'object' || answer === null || answer instanceof Promise) refuse(answer, '')
      else readOne(answer, bar, 0, null)
    },
    get rows() {
      return columns.rows
    },
    take: columns.take,
  }
}
