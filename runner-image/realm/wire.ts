/** What crosses the border between a worker thread and a realm: plain data, copied. */
import type { Interval } from '../../src/candles/interval.ts'
import type { IndicatorSpec } from '../../src/indicators/catalogue.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { FlatJson } from '../../src/protocol/run-config.ts'
import type { Failure } from './failures.ts'

export interface PlanJob {
  readonly interval: Interval
  readonly symbols: readonly string[]
  readonly instruments: readonly (Instrument | null)[]
  readonly params: FlatJson
  readonly randomState: readonly number[]
}

/** What the methods that are called once per run answered. */
export interface PlanAnswer {
  /** Symbols that are traded, in the order of the run. */
  readonly symbols: readonly string[]
  /** Disjoint groups of them, each in the order of the strategy; units by their first symbol. */
  readonly units: readonly (readonly string[])[]
  readonly lookback: number
  /** Messages of validateParams; not empty: nothing else was called. */
  readonly problems: readonly string[]
  readonly aggregates: boolean
  /** It has an onBar, and is asked in phase 2 alone. */
  readonly isPortfolio: boolean
  readonly indicators: readonly IndicatorSpec[]
  /** Higher intervals that the strategy reads with higher(). */
  readonly intervals: readonly Interval[]
}

/** One symbol of a unit and where its columns lie in the shared memory of the same place. */
export interface UnitSymbol {
  readonly symbol: string
  readonly instrument: Instrument | null
  /** Rows that are there, rows that there is room for, and the byte offset of each column. */
  rows: number
  readonly capacity: number
  readonly offsets: readonly number[]
  readonly firstInWindow: number
  /** Close of each row, where bars have no fixed length; else null. */
  readonly closes: Float64Array | null
}

export interface UnitJob {
  readonly symbols: readonly UnitSymbol[]
  readonly interval: Interval
  readonly params: FlatJson
  readonly args: FlatJson
  readonly randomState: readonly number[]
  /** Window of the run, ms UTC. */
  readonly start: number
  readonly end: number
  readonly lookback: number
  readonly indicators: readonly IndicatorSpec[]
  readonly intervals: readonly Interval[]
  /** Entries of the strategy's own columns. */
  readonly length: number
  /** Length of a bar in ms; null: calendar months. */
  readonly stepMs: number | null
  readonly maxDecisions: number
  readonly maxDecisionsPerCall: number
  /** Names of the run's executors. */
  readonly executors: readonly string[]
}

/** Decisions of one call sequence as columns; fields that no row sets are absent. */
export interface RealmRows {
  readonly rows: number
  readonly bar: Uint32Array
  readonly sequence: Uint32Array
  readonly signal: Uint8Array
  /** Index into the symbols of the call. */
  readonly symbol: Uint32Array
  readonly numbers: readonly (readonly [string, Float64Array])[]
  readonly enums: readonly (readonly [string, Uint8Array])[]
  readonly texts: readonly (readonly [string, Uint32Array])[]
  readonly strings: readonly string[]
}

/** One decision for aggregateSignals, with the symbol by name. */
export interface AggregateInput {
  readonly decisions: readonly Readonly<Record<string, string | number>>[]
  /** First decision of each instant, and the end. */
  readonly starts: readonly number[]
  readonly times: readonly number[]
}

export interface AggregateJob {
  readonly symbols: readonly string[]
  readonly params: FlatJson
  readonly maxDecisions: number
  readonly maxDecisionsPerCall: number
  /** Names of the run's executors. */
  readonly executors: readonly string[]
}

export type RealmAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure }
