import type { Fill, Order, Refusal, Trade } from '../../src/backtest/explanation.ts'
import { columnsOf, encodeTable } from './arrow-table.ts'

/**
 * Tables of a run as Arrow IPC files, readable by any Arrow tool. A trade's exits are not stored again: they are the
 * closing fills of its lot. Absent numbers are NaN.
 */

export interface EquityTable {
  /** Close of each base bar, ms UTC. */
  readonly time: Float64Array
  readonly equity: Float64Array
  /** Buy-and-hold at the same instants. */
  readonly benchmark: Float64Array
}

export function encodeEquity({ time, equity, benchmark }: EquityTable): Uint8Array {
  return encodeTable({ time, equity, benchmark })
}

export function encodeFills(fills: readonly Fill[]): Uint8Array {
  const numbers: Record<string, (fill: Fill) => number> = {
    id: (f) => f.id,
    order: (f) => f.order,
    lot: (f) => f.lot,
    decision: (f) => f.decision,
    time: (f) => f.time,
    quantity: (f) => f.quantity,
    price: (f) => f.price,
    fee: (f) => f.fee,
    slippage: (f) => f.slippage,
    realised: (f) => f.realised,
    why_bar_time: (f) => f.why.barTime,
    why_open: (f) => f.why.open,
    why_high: (f) => f.why.high,
    why_low: (f) => f.why.low,
    why_close: (f) => f.why.close,
    why_gross: (f) => f.why.gross,
    why_slippage: (f) => f.why.slippage,
  }
  const words: Record<string, (fill: Fill) => string> = {
    symbol: (f) => f.symbol,
    side: (f) => f.side,
    type: (f) => f.type,
    reason: (f) => f.reason,
    why_rule: (f) => f.why.rule,
    why_policy: (f) => f.why.policy,
    why_path: (f) => f.why.path,
    why_liquidity: (f) => f.why.liquidity,
  }
  return encodeTable(columnsOf(fills, numbers, words))
}

export function encodeTrades(trades: readonly Trade[]): Uint8Array {
  const numbers: Record<string, (trade: Trade) => number> = {
    lot: (t) => t.lot,
    decision: (t) => t.decision,
    quantity: (t) => t.quantity,
    entry_fill: (t) => t.entryFill,
    entry_time: (t) => t.entryTime,
    entry_price: (t) => t.entryPrice,
    exit_time: (t) => t.exitTime,
    exit_price: (t) => t.exitPrice,
    gross_pnl: (t) => t.grossPnl,
    fees: (t) => t.fees,
    funding: (t) => t.funding,
    slippage: (t) => t.slippage,
    net_pnl: (t) => t.netPnl,
    return_on_entry: (t) => t.returnOnEntry,
    exits: (t) => t.exits.length,
  }
  const words: Record<string, (trade: Trade) => string> = {
    symbol: (t) => t.symbol,
    direction: (t) => t.direction,
    reasons: (t) => [...new Set(t.exits.map((exit) => exit.reason))].join(' '),
  }
  return encodeTable(columnsOf(trades, numbers, words))
}

export function encodeOrders(orders: readonly Order[]): Uint8Array {
  const numbers: Record<string, (order: Order) => number> = {
    order: (o) => o.order,
    decision: (o) => o.decision,
    time: (o) => o.time,
    quantity: (o) => o.quantity,
    price: (o) => o.price ?? Number.NaN,
    limit: (o) => o.limit ?? Number.NaN,
    reserved: (o) => o.reserved,
    end_time: (o) => o.endTime ?? Number.NaN,
    filled: (o) => o.filled,
  }
  const words: Record<string, (order: Order) => string> = {
    kind: (o) => o.kind,
    symbol: (o) => o.symbol,
    side: (o) => o.side,
    type: (o) => o.type,
    state: (o) => o.state,
    reason: (o) => o.reason,
  }
  return encodeTable(columnsOf(orders, numbers, words))
}

export function encodeRefusals(refusals: readonly Refusal[]): Uint8Array {
  const numbers: Record<string, (refusal: Refusal) => number> = {
    time: (r) => r.time,
    step: (r) => r.step,
    decision: (r) => r.decision,
    order: (r) => r.order,
    quantity: (r) => r.quantity,
    needed: (r) => r.needed,
    available: (r) => r.available,
  }
  const words: Record<string, (refusal: Refusal) => string> = {
    symbol: (r) => r.symbol,
    side: (r) => r.side,
    reason: (r) => r.reason,
    detail: (r) => r.detail ?? '',
  }
  return encodeTable(columnsOf(refusals, numbers, words))
}
