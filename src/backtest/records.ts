/**
 * The record stream of phase 2 (P4): fixed-size binary records, little-endian, compared byte for byte (V2).
 * A record is RECORD_BYTES long; every Float64 passes canon() before it is written; unused fields are 0.
 *
 * offset type field
 *  0 u8  kind         index into RECORD_KINDS
 *  1 u8  reason       index into RECORD_REASONS (0: none)
 *  2 u8  side         0 buy, 1 sell
 *  3 u8  orderType    index into ORDER_TYPES
 *  4 u8  rule         index into FILL_RULES (fills only)
 *  5 u8  liquidity    0 none, 1 maker, 2 taker
 *  6 u8  path         index into PATHS: the line that was booked, for fills on the path
 *  7 u8  step         number of the T2 step (1..7)
 *  8 u32 symbol       index into config.symbols
 * 12 u32 order        order id: 1.. in order of creation; 0: none
 * 16 u32 lot          lot id: 1.. in order of opening fill; 0: none (close: the only lot that it closes)
 * 20 u32 decision     index of the decision row in T3-sorted order, +1; 0: none (end of data)
 * 24 f64 time         instant tau of the T2 step (ms UTC); fills on a path carry the open of their bar
 * 32 f64 quantity     base quantity (fills: filled; admit: admitted; refuse: asked)
 * 40 f64 gross        price before slippage (fills), limit or stop price (admit), else 0
 * 48 f64 price        price after slippage (fills), limit price (admit of a stop_limit, whose gross is its stop price), else 0
 * 56 f64 fee          fee in quote currency (fills), else 0
 * 64 f64 realised     realised P&L net of slippage, gross of fees (closing fills), else 0
 * 72 f64 needed       refuse: cash needed (or slots used); admit: cash reserved; fill on the path of a detail candle: its
 *                     open (ms UTC), under another policy than the run's: that policy, 1 + index into FILL_POLICIES, after an exit resolver 7;
 *                     else 0
 * 80 f64 available    refuse: cash free (or slots allowed); fills: bankruptcy price that an exit was priced at instead of a worse one; else 0
 * 88 f64 cash         cash after the record
 */
export const RECORD_BYTES = 96

/**
 * - admit: a proposal passed P3 and is a working entry order from now on
 * - close: a closing decision became a working market order (P5), or a resting limit or stop against the position (P6; gross: its price)
 * - refuse: a decision, a proposal or a due order was refused
 * - fill: a fill
 * - cancel: a working entry or closing order ended without (further) fill
 * - funding: a lot paid or got funding. gross: mark; price: rate; realised: payment; needed: payment asked (the rest was
 *   insured); available: time of the row as published; order: 1 mark of the row, 2 of the mark candle, 3 last close;
 *   step 6: charged inside its bar
 * - liquidate: an isolated position is liquidated; the fills of its lots follow. gross: liquidation price; price:
 *   bankruptcy price; fee: clearance fee, out of the wallet; realised: −wallet; needed: lost on the way to the liquidation
 *   price; available: remainder to insurance
 * - write_off: cash below 0 is set to 0. realised: what that gave
 */
export const RECORD_KINDS = ['admit', 'close', 'refuse', 'fill', 'cancel', 'funding', 'liquidate', 'write_off'] as const

export const RECORD_REASONS = [
  'none',
  // refuse
  'nothing_to_close',
  'already_open',
  'short_not_allowed',
  'capacity',
  'insufficient_cash',
  'below_min_quantity',
  'below_min_notional',
  'zero_quantity',
  'bracket_inverted',
  'bracket_passed',
  'entry_in_past',
  'position_gone',
  'expired_stale',
  'data_ended',
  // cancel
  'cancelled_by_sell',
  'replaced',
  'closed_lot',
  // fill
  'entry',
  'take_profit',
  'stop_loss',
  'exit',
  'end_of_data',
  // refuse, added later: codes of others must not change
  'quantity_too_large',
  'no_stop',
  'risk',
  'no_volatility',
  'no_edge',
  // cancel, added later
  'expired',
  'unfilled',
  // fill, added later
  'trailing_stop',
  // perpetuals
  'opposite_position',
  'cancelled_by_buy',
  'reversed',
  'liquidated',
  'bankrupt',
  'liquidation',
  'funding',
  'scheduled_funding',
  'written_off',
  // portfolio strategies
  'cancelled',
  'order_gone',
  // cancel, added later
  'repriced',
] as const

export const ORDER_TYPES = ['none', 'market', 'limit', 'stop', 'stop_limit'] as const
export const FILL_RULES = ['none', 'F1', 'F2', 'F3', 'T6', 'F4', 'L1', 'L3', 'L4', 'M', 'F13'] as const
export const PATHS = ['none', 'O-H-L-C', 'O-L-H-C'] as const

export type RecordKind = (typeof RECORD_KINDS)[number]
export type RecordReason = (typeof RECORD_REASONS)[number]
export type OrderType = (typeof ORDER_TYPES)[number]
export type FillRule = (typeof FILL_RULES)[number]
export type PathName = (typeof PATHS)[number]

/** A record in object form, for tests, reports and differences. */
export interface EngineRecord {
  kind: RecordKind
  reason: RecordReason
  side: 'buy' | 'sell'
  orderType: OrderType
  rule: FillRule
  liquidity: 'none' | 'maker' | 'taker'
  path: PathName
  step: number
  symbol: number
  order: number
  lot: number
  decision: number
  time: number
  quantity: number
  gross: number
  price: number
  fee: number
  realised: number
  needed: number
  available: number
  cash: number
}
