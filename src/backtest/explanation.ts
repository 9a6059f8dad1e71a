import type { CandleSeries } from '../candles/series.ts'
import type { RunConfig } from '../protocol/run-config.ts'
import type { EngineRecord, FillRule, OrderType, PathName, RecordReason } from './records.ts'
import type { Window } from './window.ts'

export interface ExplainInput {
  readonly records: Iterable<EngineRecord>
  readonly config: Pick<RunConfig, 'symbols' | 'fill' | 'initialCash' | 'interval'>
  readonly window: Window
  /** In the order of config.symbols: the rows that phase 2 played. */
  readonly series: readonly CandleSeries[]
  /** Detail candles, likewise. */
  readonly detail?: readonly (CandleSeries | null)[]
  /** Whether quantities of a symbol are whole steps, likewise; absent: of none. */
  readonly hasSteps?: readonly boolean[]
  /** What policies of the user said to refusals, by the index of their records. */
  readonly refusalTexts?: ReadonlyMap<number, string>
}

export type Side = 'buy' | 'sell'
export type Liquidity = 'none' | 'maker' | 'taker'

/** Why a fill has its price (F12): the rule, the bar as trusted code saw it, and what was added to the price. */
export interface FillWhy {
  readonly rule: FillRule
  /** Open time of the bar (ms UTC). */
  readonly barTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Fill policy that booked the bar: of the run, or of the lots (F7). */
  readonly policy: string
  /** The line through the bar that was booked; none for fills at an open or at the end of data. */
  readonly path: PathName
  /** Price before slippage. */
  readonly gross: number
  /** Price against gross, against us if positive, quote currency a unit. */
  readonly slippage: number
  readonly fee: number
  readonly liquidity: Liquidity
}

export type Direction = 'long' | 'short'

export interface Fill {
  /** 1.. in order of the record stream. */
  readonly id: number
  readonly order: number
  readonly lot: number
  /** Number of the decision that caused it, 0: none. */
  readonly decision: number
  readonly symbol: string
  readonly side: Side
  readonly type: OrderType
  readonly reason: RecordReason
  /** Instant of the step in which it was filled (ms UTC). */
  readonly time: number
  readonly quantity: number
  /** Net of slippage. */
  readonly price: number
  readonly fee: number
  /** Cost of slippage, quote currency. */
  readonly slippage: number
  /** P&L of a closing fill net of slippage, gross of fees; 0 for an entry. */
  readonly realised: number
  readonly why: FillWhy
}

/** One exit of a lot. */
export interface TradeExit {
  readonly fill: number
  readonly time: number
  readonly price: number
  readonly quantity: number
  readonly fee: number
  readonly realised: number
  readonly reason: RecordReason
}

/** A closed lot with all its partial exits (P6). Money in quote currency. */
export interface Trade {
  readonly lot: number
  readonly symbol: string
  readonly direction: Direction
  readonly decision: number
  readonly quantity: number
  readonly entryFill: number
  readonly entryTime: number
  readonly entryPrice: number
  /** Of the last exit. */
  readonly exitTime: number
  /** Quantity-weighted over the exits. */
  readonly exitPrice: number
  /** Net of slippage, gross of fees. */
  readonly grossPnl: number
  readonly fees: number
  /** Received less paid. */
  readonly funding: number
  readonly slippage: number
  /** Net of fees, funding and slippage. */
  readonly netPnl: number
  /** netPnl over the notional of the entry. */
  readonly returnOnEntry: number
  readonly exits: readonly TradeExit[]
}

/** A lot that is still open at the end of the run, marked at the last close. */
export interface OpenLot {
  readonly lot: number
  readonly symbol: string
  readonly direction: Direction
  readonly decision: number
  readonly quantity: number
  readonly entryTime: number
  readonly entryPrice: number
  readonly mark: number
  /** Close of the bar of the mark, ms UTC: before the end of the window if the data ended or have a gap there. */
  readonly markTime: number
  readonly unrealised: number
  /** unrealised over the notional of the entry of what is open. */
  readonly unrealisedReturn: number
  /** Of exits so far. */
  readonly realised: number
  readonly fees: number
  readonly funding: number
}

/** Funding that one lot paid or got (L1). Money in quote currency. */
export interface FundingPayment {
  /** Instant at which it was charged (ms UTC), and the time of the row as published. */
  readonly time: number
  readonly published: number
  readonly symbol: string
  readonly lot: number
  readonly direction: Direction
  readonly quantity: number
  readonly mark: number
  readonly rate: number
  /** Received if positive. */
  readonly payment: number
  /** What the wallet could not pay, 0 most of the time. */
  readonly insured: number
  /** coarse_funding, scheduled_funding, and last_close for a mark out of candles that were traded. */
  readonly flags: readonly string[]
}

/** An isolated position that was liquidated (L3), and what became of its wallet. */
export interface Liquidation {
  readonly time: number
  readonly symbol: string
  readonly direction: Direction
  readonly quantity: number
  readonly liquidationPrice: number
  readonly bankruptcyPrice: number
  readonly wallet: number
  readonly lostOnTheWay: number
  readonly clearanceFee: number
  readonly insurance: number
}

export const ORDER_KINDS = ['entry', 'close', 'bracket', 'end_of_data'] as const
export const ORDER_STATES = ['working', 'filled', 'cancelled', 'refused'] as const

export interface Order {
  readonly order: number
  readonly kind: (typeof ORDER_KINDS)[number]
  readonly decision: number
  readonly symbol: string
  readonly side: Side
  readonly type: OrderType
  readonly time: number
  /** Asked quantity; 0 for a close of all. */
  readonly quantity: number
  /** Limit or stop price; null for a market order. */
  readonly price: number | null
  /** Limit of a stop_limit, whose price is that of its stop; else null. */
  readonly limit: number | null
  readonly reserved: number
  state: (typeof ORDER_STATES)[number]
  /** Why it ended as it did: reason of its fill, cancel or refusal; none while it works. */
  reason: RecordReason
  endTime: number | null
  filled: number
}

export interface Refusal {
  readonly time: number
  readonly symbol: string
  readonly side: Side
  /** T2 step in which it was refused. */
  readonly step: number
  readonly decision: number
  /** 0: it never became an order. */
  readonly order: number
  readonly reason: RecordReason
  readonly quantity: number
  readonly needed: number
  readonly available: number
  /** Why, in the words of a policy of the user (a stranger's text); null: it said nothing, or the policy is built in. */
  readonly detail: string | null
}

/** How often something was refused for a reason. */
export interface RefusalCount {
  readonly reason: RecordReason
  readonly count: number
  /** The most frequent texts of a policy of the user, at most 10; ties by text. */
  readonly details: readonly { readonly text: string; readonly count: number }[]
}

/** Sums over the run; `funding` and `writtenOff` are terms of C3. */
export interface ExplainedTotals {
  readonly fees: number
  readonly slippage: number
  readonly realised: number
  readonly funding: number
  readonly writtenOff: number
}

export interface Explanation {
  readonly fills: readonly Fill[]
  readonly trades: readonly Trade[]
  readonly lots: readonly OpenLot[]
  readonly orders: readonly Order[]
  readonly refusals: readonly Refusal[]
  readonly funding: readonly FundingPayment[]
  readonly liquidations: readonly Liquidation[]
  readonly totals: ExplainedTotals
  /** Most frequent first, ties by reason. */
  readonly refusalsByReason: readonly RefusalCount[]
  /** Cash after the last record, E0 without any. */
  readonly finalCash: number
}
