import type { ENTRY_TYPES, Intent, Signal, TimeInForce } from '../backtest/decision-log.ts'
import type { Interval } from '../candles/interval.ts'
import type { INDICATOR_OUTPUTS, IndicatorKind, IndicatorSource } from '../indicators/catalogue.ts'
import type { Instrument } from '../instruments/instrument.ts'
import type { FillPolicyName } from '../policies/fill.ts'
import type { TradeProposal } from '../proposals/trade-proposal.ts'
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

/** An indicator that a strategy asks for in `requiredIndicators`. */
export interface IndicatorRequest {
  /** Name under which it is read in `indicators`: letters, digits and _. */
  id: string
  kind: IndicatorKind
  /** Parameters that differ from the kind's defaults. */
  params?: Readonly<Record<string, number | string>>
  /** Column that it is taken of, for kinds of one column; default: close. */
  source?: IndicatorSource
  /** Default: each symbol. */
  symbol?: string
  /** Default: that of the run. Of a higher one the column holds at each row the value of the last bar closed by then. */
  interval?: Interval
}

/** Values of an indicator by its kind: one number per row, or a column for each output. */
export type IndicatorColumns<Kind extends IndicatorKind> = (typeof INDICATOR_OUTPUTS)[Kind] extends readonly ['value']
  ? Float64Array
  : { readonly [Output in (typeof INDICATOR_OUTPUTS)[Kind][number]]: Float64Array }

type OutputName = Exclude<(typeof INDICATOR_OUTPUTS)[IndicatorKind][number], 'value'>

/** Values of an indicator whose kind the compiler does not know: what is there follows from the kind. */
export type IndicatorView = { readonly [row: number]: number } & { readonly [Output in OutputName]?: Float64Array }

/** Id -> kind, to have the indicators of a context typed: `DecisionContext<{ trend: 'ema', bands: 'bollinger' }>`. */
export type IndicatorKinds = Readonly<Record<string, IndicatorKind>>

/** Values by id; entries are NaN before the indicator is warm and after the current bar. */
export type Indicators<Kinds extends IndicatorKinds> = string extends keyof Kinds
  ? Readonly<Record<string, IndicatorView>>
  : { readonly [Id in keyof Kinds]: IndicatorColumns<Kinds[Id]> }

export interface Frame extends CandleColumns {
  /** Last bar closed by now; -1: none. */
  readonly index: number
  /** Whether that bar closed right now. */
  readonly fresh: boolean
  /** Indicators of this symbol. */
  readonly indicators: Indicators<IndicatorKinds>
}

/** Bars of a higher interval, built of the bars of the run; each is there once its own close has passed. */
export interface HigherFrame extends CandleColumns {
  /** Last bar closed by now; -1: none. */
  readonly index: number
  /** 1 for a bar that misses bars of the run. */
  readonly partial: Uint8Array
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What all code of a strategy sees of its run. */
export interface RunView {
  readonly symbols: readonly string[]
  readonly interval: Interval
  /** Now: the close of the bars that are fresh, ms UTC; for `fit` the start of the run, or the instant of the refit. */
  readonly time: number
  readonly params: FlatJson
  readonly args: FlatJson
  /** Uniform in [0, 1), from the seed of the run and the unit. */
  random(): number
  log(level: LogLevel, text: string, fields?: FlatJson): void
}

/** What a strategy sees bar by bar, of the symbol that decides; `onBar`: of the first symbol. */
export interface BarView<Kinds extends IndicatorKinds = IndicatorKinds> extends RunView {
  /** Entry of the columns that closed last; of another symbol: `frames[symbol].index`. */
  readonly index: number
  readonly candles: CandleColumns
  readonly frames: Readonly<Record<string, Frame>>
  /** Indicators that `requiredIndicators` asked for. */
  readonly indicators: Indicators<Kinds>
  /** Bars of an interval that `requiredIntervals` names, of this symbol or of another one of the unit. */
  higher(interval: Interval, symbol?: string): HigherFrame
}

/** What `decide` sees. One object per unit, refilled before each call. */
export interface DecisionContext<Kinds extends IndicatorKinds = IndicatorKinds> extends BarView<Kinds> {
  readonly symbol: string
  readonly instrument: Instrument | null
}

/** What `fit` learns from: columns of exactly the bars that have closed by `time`, the strategy's own copies. */
export interface FitHistory extends RunView {
  readonly symbol: string
  readonly candles: CandleColumns
  readonly frames: Readonly<Record<string, CandleColumns>>
  readonly instrument: Instrument | null
}

/** What `decide` returns. */
export type DecisionAnswer = Decision | TradeProposal | (Decision | TradeProposal)[] | null

/** Bracket and life of an order. Prices in quote currency, percentages positive (2 = 2 %) and measured away from the entry. */
export interface OrderTerms {
  /** Bracket of the lot that it opens. */
  tpPrice?: number
  tpPct?: number
  slPrice?: number
  slPct?: number
  /** Stop that follows the price, in quote currency or percent of the extreme. */
  trail?: { distance: number } | { percent: number }
  /** How long it works; default gtc: until it fills or is cancelled. */
  timeInForce?: TimeInForce
  /** Bars for which it works (gtd); alone it means gtd. */
  expiresAfterBars?: number
}

/** An order to place or a position to close. Prices in quote currency. */
export interface Decision extends OrderTerms {
  signal: Signal | 'NO'
  symbol?: string
  intent?: Intent
  size?: number
  entryPrice?: number
  /** Or the name of one of the configuration's `executors`, which then says what fills when. */
  entryType?: Exclude<(typeof ENTRY_TYPES)[number], 'default'> | (string & Record<never, never>)
  /** Price that a stop_limit never fills beyond. */
  limitPrice?: number
  /** How bars that reach both sides of its bracket are booked; default: the fill policy of the run. */
  crossingPolicy?: FillPolicyName
  entryTime?: number
  confidence?: number
  rank?: number
  meta?: FlatJson
  strategyName?: string
}
