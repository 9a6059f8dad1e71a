import type { Fill, Order, Refusal, Trade, TradeExit } from '../../src/backtest/explanation.ts'
import { columnsOf, decodeTable, encodeTable } from './arrow-table.ts'

/**
 * Tables of a run as Arrow IPC files, readable by any Arrow tool. A trade's exits are not stored again: they are the
 * closing fills of its lot, joined when trades are read. Absent numbers are NaN in the file and null in the objects.
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

export function decodeEquity(bytes: Uint8Array): EquityTable {
  const table = decodeTable(bytes)
  return { time: table.number('time'), equity: table.number('equity'), benchmark: table.number('benchmark') }
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

export function decodeFills(bytes: Uint8Array): Fill[] {
  const { rows, number, word } = cached(bytes)
  return Array.from({ length: rows }, (_, i) => ({
    id: number('id')[i]!,
    order: number('order')[i]!,
    lot: number('lot')[i]!,
    decision: number('decision')[i]!,
    symbol: word('symbol')[i]!,
    side: word('side')[i] as Fill['side'],
    type: word('type')[i] as Fill['type'],
    reason: word('reason')[i] as Fill['reason'],
    time: number('time')[i]!,
    quantity: number('quantity')[i]!,
    price: number('price')[i]!,
    fee: number('fee')[i]!,
    slippage: number('slippage')[i]!,
    realised: number('realised')[i]!,
    why: {
      rule: word('why_rule')[i] as Fill['why']['rule'],
      barTime: number('why_bar_time')[i]!,
      open: number('why_open')[i]!,
      high: number('why_high')[i]!,
      low: number('why_low')[i]!,
      close: number('why_close')[i]!,
      policy: word('why_policy')[i]!,
      path: word('why_path')[i] as Fill['why']['path'],
      gross: number('why_gross')[i]!,
      slippage: number('why_slippage')[i]!,
      fee: number('fee')[i]!,
      liquidity: word('why_liquidity')[i] as Fill['why']['liquidity'],
    },
  }))
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

/** Trades with their exits, out of the run's fills. */
export function decodeTrades(bytes: Uint8Array, fills: readonly Fill[]): Trade[] {
  const { rows, number, word } = cached(bytes)
  const exits = exitsByLot(fills)
  return Array.from({ length: rows }, (_, i) => ({
    lot: number('lot')[i]!,
    symbol: word('symbol')[i]!,
    direction: 'long',
    decision: number('decision')[i]!,
    quantity: number('quantity')[i]!,
    entryFill: number('entry_fill')[i]!,
    entryTime: number('entry_time')[i]!,
    entryPrice: number('entry_price')[i]!,
    exitTime: number('exit_time')[i]!,
    exitPrice: number('exit_price')[i]!,
    grossPnl: number('gross_pnl')[i]!,
    fees: number('fees')[i]!,
    slippage: number('slippage')[i]!,
    netPnl: number('net_pnl')[i]!,
    returnOnEntry: number('return_on_entry')[i]!,
    exits: exits.get(number('lot')[i]!) ?? [],
  }))
}

function exitsByLot(fills: readonly Fill[]): Map<number, TradeExit[]> {
  const exits = new Map<number, TradeExit[]>()
  for (const { id, lot, reason, time, price, quantity, fee, realised } of fills) {
    if (reason === 'entry') continue
    const exit = { fill: id, time, price, quantity, fee, realised, reason }
    const list = exits.get(lot)
    if (list === undefined) exits.set(lot, [exit])
    else list.push(exit)
  }
  return exits
}

export function encodeOrders(orders: readonly Order[]): Uint8Array {
  const numbers: Record<string, (order: Order) => number> = {
    order: (o) => o.order,
    decision: (o) => o.decision,
    time: (o) => o.time,
    quantity: (o) => o.quantity,
    price: (o) => o.price ?? Number.NaN,
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

export function decodeOrders(bytes: Uint8Array): Order[] {
  const { rows, number, word } = cached(bytes)
  return Array.from({ length: rows }, (_, i) => ({
    order: number('order')[i]!,
    kind: word('kind')[i] as Order['kind'],
    decision: number('decision')[i]!,
    symbol: word('symbol')[i]!,
    side: word('side')[i] as Order['side'],
    type: word('type')[i] as Order['type'],
    time: number('time')[i]!,
    quantity: number('quantity')[i]!,
    price: orNull(number('price')[i]!),
    reserved: number('reserved')[i]!,
    state: word('state')[i] as Order['state'],
    reason: word('reason')[i] as Order['reason'],
    endTime: orNull(number('end_time')[i]!),
    filled: number('filled')[i]!,
  }))
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
  }
  return encodeTable(columnsOf(refusals, numbers, words))
}

export function decodeRefusals(bytes: Uint8Array): Refusal[] {
  const { rows, number, word } = cached(bytes)
  return Array.from({ length: rows }, (_, i) => ({
    time: number('time')[i]!,
    symbol: word('symbol')[i]!,
    side: word('side')[i] as Refusal['side'],
    step: number('step')[i]!,
    decision: number('decision')[i]!,
    order: number('order')[i]!,
    reason: word('reason')[i] as Refusal['reason'],
    quantity: number('quantity')[i]!,
    needed: number('needed')[i]!,
    available: number('available')[i]!,
  }))
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

/** Each column is taken out of its table once. */
function cached(bytes: Uint8Array): ReturnType<typeof decodeTable> {
  const table = decodeTable(bytes)
  const numbers = new Map<string, Float64Array>()
  const words = new Map<string, readonly string[]>()
  return {
    rows: table.rows,
    number: (name) => numbers.get(name) ?? set(numbers, name, table.number(name)),
    word: (name) => words.get(name) ?? set(words, name, table.word(name)),
  }
}

function set<T>(map: Map<string, T>, name: string, value: T): T {
  map.set(name, value)
  return value
}
