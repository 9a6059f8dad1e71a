import { FILL_POLICIES } from '../policies/fill.ts'

/**
 * Decisions as columns (V1): what phase 1 hands to phase 2, and what the runner returns to the host.
 * Rows are ordered by (unit, instant, sequence); phase 2 sorts them by decision time and T3 itself and never trusts an order.
 */
export const SIGNALS = ['BUY', 'SELL'] as const
export const INTENTS = ['auto', 'open', 'close'] as const
export const ENTRY_TYPES = ['default', 'market', 'limit', 'stop', 'stop_limit'] as const
export const TIMES_IN_FORCE = ['gtc', 'gtd', 'day', 'ioc', 'fok'] as const

/** What a row of a portfolio strategy does; `decide` (the first) is that of all other strategies. */
export const ACTIONS = ['decide', 'order', 'cancel', 'close'] as const
export const REDUCE_ONLY = ['no', 'yes'] as const

/** How the bars of a lot are booked (F7); `default`: by the policy of the run. */
export const CROSSING_POLICIES = ['default', ...FILL_POLICIES] as const

export type Signal = (typeof SIGNALS)[number]
export type Intent = (typeof INTENTS)[number]
export type EntryType = (typeof ENTRY_TYPES)[number]
export type TimeInForce = (typeof TIMES_IN_FORCE)[number]
/** What a decision may ask for. */
export type CrossingPolicy = (typeof FILL_POLICIES)[number]
export type Action = (typeof ACTIONS)[number]

/**
 * Optional number fields; absent is NaN. A column stands in the log only if some row sets it. `late`: slots between the close
 * of `bar` and the instant of the decision, for a symbol that closed no bar there. `target`: number of the order that a cancel
 * ends, id of the lot that a close closes. `leg`: place in a proposal of several legs, from 1. `liveTime`, `liveBar`: instant
 * or row of the symbol's series from which an entry may be placed.
 */
export const NUMBER_FIELDS = [
  'size',
  'entryPrice',
  'tpPrice',
  'tpPct',
  'slPrice',
  'slPct',
  'entryTime',
  'confidence',
  'rank',
  'expiresAfterBars',
  'limitPrice',
  'trailDistance',
  'trailPct',
  'late',
  'target',
  'leg',
  'liveTime',
  'liveBar',
] as const
/** Optional enum fields; absent is 0 (the first value of its table). */
export const ENUM_FIELDS = ['intent', 'entryType', 'timeInForce', 'crossingPolicy', 'action', 'reduceOnly'] as const
/** What the bytes of an enum column stand for. */
export const ENUM_VALUES = {
  intent: INTENTS,
  entryType: ENTRY_TYPES,
  timeInForce: TIMES_IN_FORCE,
  crossingPolicy: CROSSING_POLICIES,
  action: ACTIONS,
  reduceOnly: REDUCE_ONLY,
} as const
/** Optional text fields, as index + 1 into `strings`; absent is 0. `meta` is canonical JSON, so are functions; `executor`: its name. */
export const TEXT_FIELDS = ['meta', 'strategyName', 'priceFn', 'whenFn', 'exitResolver', 'executor'] as const

export type NumberField = (typeof NUMBER_FIELDS)[number]
export type EnumField = (typeof ENUM_FIELDS)[number]
export type TextField = (typeof TEXT_FIELDS)[number]

/** Rows that one call may make. */
export const MAX_PER_CALL = 1000

export interface DecisionLog {
  readonly rows: number
  /** Index into the run's work units. */
  readonly unit: Uint32Array
  /** Row of the symbol's loaded series (0 = first lookback bar): its last bar closed when the decision was made. */
  readonly bar: Uint32Array
  /** Index into config.symbols. */
  readonly symbol: Uint32Array
  /** Position among the decisions of one call. */
  readonly sequence: Uint32Array
  /** Index into SIGNALS. */
  readonly signal: Uint8Array
  readonly numbers: ReadonlyMap<NumberField, Float64Array>
  readonly enums: ReadonlyMap<EnumField, Uint8Array>
  readonly texts: ReadonlyMap<TextField, Uint32Array>
  readonly strings: readonly string[]
}

/** One row in object form, for tests and explanations. Absent fields are absent. */
export interface DecisionRow {
  readonly unit: number
  readonly bar: number
  readonly symbol: number
  readonly sequence: number
  readonly signal: Signal
  readonly intent?: Intent
  readonly entryType?: EntryType
  readonly timeInForce?: TimeInForce
  readonly crossingPolicy?: (typeof CROSSING_POLICIES)[number]
  readonly size?: number
  readonly entryPrice?: number
  readonly tpPrice?: number
  readonly tpPct?: number
  readonly slPrice?: number
  readonly slPct?: number
  readonly entryTime?: number
  readonly confidence?: number
  readonly rank?: number
  readonly expiresAfterBars?: number
  readonly limitPrice?: number
  readonly trailDistance?: number
  readonly trailPct?: number
  readonly late?: number
  readonly target?: number
  readonly action?: Action
  readonly reduceOnly?: (typeof REDUCE_ONLY)[number]
  readonly leg?: number
  readonly liveTime?: number
  readonly liveBar?: number
  readonly meta?: string
  readonly strategyName?: string
  /** Canonical JSON of a LegFunction (leg-functions.ts). */
  readonly priceFn?: string
  readonly whenFn?: string
  readonly exitResolver?: string
  /** Name of the executor that `entryType` was. */
  readonly executor?: string
}
