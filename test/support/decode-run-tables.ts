import { decodeTable } from '../../orchestrator-service/results/arrow-table.ts'
import type { EquityTable } from '../../orchestrator-service/results/run-tables.ts'
import type { Fill, Order, Refusal, Trade, TradeExit } from '../../src/backtest/explanation.ts'

/** The stored tables as the objects that they were made from, to compare them to the last bit. */

export function decodeEquity(bytes: Uint8Array): EquityTable {
  const table = decodeTable(bytes)
  return { time: table.number('time'), equity: table.number('equity'), benchmark: table.number('benchmark') }
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

/** Trades with their exits, out of the run's fills. */
export function decodeTrades(bytes: Uint8Array, fills: readonly Fill[]): Trade[] {
  const { rows, number, word } = cached(bytes)
  const exits = exitsByLot(fills)
  return Array.from({ length: rows }, (_, i) => ({
    lot: number('lot')[i]!,
    symbol: word('symbol')[i]!,
    direction: word('direction')[i] === 'short' ? 'short' : 'long',
    decision: number('decision')[i]!,
    quantity: number('quantity')[i]!,
    entryFill: number('entry_fill')[i]!,
    entryTime: number('entry_time')[i]!,
    entryPrice: number('entry_price')[i]!,
    exitTime: number('exit_time')[i]!,
    exitPrice: number('exit_price')[i]!,
    grossPnl: number('gross_pnl')[i]!,
    fees: number('fees')[i]!,
    funding: number('funding')[i]!,
    slippage: number('slippage')[i]!,
    netPnl: number('net_pnl')[i]!,
    returnOnEntry: number('return_on_entry')[i]!,
    exits: exits.get(number('lot')[i]!) ?? [],
  }))
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
    limit: orNull(number('limit')[i]!),
    reserved: number('reserved')[i]!,
    state: word('state')[i] as Order['state'],
    reason: word('reason')[i] as Order['reason'],
    endTime: orNull(number('end_time')[i]!),
    filled: number('filled')[i]!,
  }))
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
    detail: word('detail')[i] || null,
  }))
}

/** Each column is taken out of its table once. */
function cached(bytes: Uint8Array): ReturnType<typeof decodeTable> {
  const table = decodeTable(bytes)
  const numbers = new Map<string, Float64Array>()
  const words = new Map<string, readonly string[]>()
  return {
    ...table,
    number: (name) => numbers.get(name) ?? set(numbers, name, table.number(name)),
    word: (name) => words.get(name) ?? set(words, name, table.word(name)),
  }
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

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

function set<T>(map: Map<string, T>, name: string, value: T): T {
  map.set(name, value)
  return value
}
