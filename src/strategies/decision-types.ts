import type { ENTRY_TYPES, Intent, Signal } from '../backtest/decision-log.ts'
import type { Interval } from '../candles/interval.ts'
import type { Instrument } from '../instruments/instrument.ts'
import type { FlatJson } from '../protocol/run-config.ts'

/** Columns of one symbol as a strategy sees them: entries after the current bar are NaN. */
export interface CandleColumns {
  /** Open of the bar, ms UTC. */
  readonly time: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

export interface Frame extends CandleColumns {
  /** Last bar closed by now; -1: none. */
  readonly index: number
  /** Whether that bar closed right now. */
  readonly fresh: boolean
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What `decide` sees. One object per unit, refilled before each call. */
export interface DecisionContext {
  readonly symbol: string
  readonly symbols: readonly string[]
  readonly interval: Interval
  /** Entry of the columns that has just closed. */
  readonly index: number
  /** Instant of the decision: the close of the bar, ms UTC. */
  readonly time: number
  readonly candles: CandleColumns
  readonly frames: Readonly<Record<string, Frame>>
  readonly instrument: Instrument | null
  readonly params: FlatJson
  readonly args: FlatJson
  /** Uniform in [0, 1), from the seed of the run and the unit. */
  random(): number
  log(level: LogLevel, text: string, fields?: FlatJson): void
}

/** An order to place or a position to close. Prices in quote currency, percentages positive (2 = 2 %). */
export interface Decision {
  signal: Signal | 'NO'
  symbol?: string
  intent?: Intent
  size?: number
  entryPrice?: number
  entryType?: Exclude<(typeof ENTRY_TYPES)[number], 'default'>
  tpPrice?: number
  tpPct?: number
  slPrice?: number
  slPct?: number
  timeInForce?: 'gtc'
  entryTime?: number
  confidence?: number
  rank?: number
  meta?: FlatJson
  strategyName?: string
}
