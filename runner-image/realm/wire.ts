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
  readonly symbols: readonly string[]
  readonly lookback: number
  /** Messages of validateParams; not empty: nothing else was called. */
  readonly problems: readonly string[]
  readonly aggregates: boolean
  readonly indicators: readonly IndicatorSpec[]
}

export interface UnitJob {
  readonly symbol: string
  readonly interval: Interval
  readonly instrument: Instrument | null
  readonly params: FlatJson
  readonly args: FlatJson
  readonly randomState: readonly number[]
  /** Loaded rows of the symbol and where they lie in the shared memory: byte offset of each column. */
  readonly rows: number
  readonly offsets: readonly number[]
  readonly firstInWindow: number
  readonly lookback: number
  /** Indicators of this symbol. */
  readonly indicators: readonly IndicatorSpec[]
  /** Entries of the strategy's own columns. */
  readonly length: number
  /** Length of a bar in ms; null: `closes` holds the close of each row. */
  readonly stepMs: number | null
  readonly closes: Float64Array | null
  readonly maxDecisions: number
  readonly maxDecisionsPerCall: number
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
  readonly randomState: readonly number[]
  readonly maxDecisions: number
  readonly maxDecisionsPerCall: number
}

export type RealmAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure }
