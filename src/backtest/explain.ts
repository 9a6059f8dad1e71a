import { slotOf, slotOpen } from '../candles/interval.ts'
import { PlatformError } from '../errors.ts'
import { whyOf } from './explain-fill.ts'
import type { ExplainInput, Explanation, Fill, OpenLot, Order, Refusal, Trade, TradeExit } from './explanation.ts'
import type { EngineRecord, RecordReason } from './records.ts'
import { lowerBound } from './window.ts'

/**
 * Theory of operation. The record stream is walked once. Each fill is joined with the bar it was priced in (binary search
 * in its symbol's column), each lot collects its fills by id, each order its end. Nothing is decided or priced here: all
 * figures are the records' own, so an explanation can never disagree with the result it explains. A lot whose rest is at
 * most 1e-12 of its largest quantity is closed (F10) and becomes a trade; the others are listed as open, at the last close.
 */

const REMAINDER = 1e-12

interface LotState {
  readonly lot: number
  readonly symbol: number
  readonly decision: number
  readonly entryFill: number
  readonly entryTime: number
  entryPrice: number
  bought: number
  sold: number
  fees: number
  slippage: number
  realised: number
  readonly exits: TradeExit[]
}

interface Walk {
  readonly input: ExplainInput
  readonly fills: Fill[]
  readonly trades: Trade[]
  readonly orders: Order[]
  readonly byOrder: Map<number, Order>
  readonly refusals: Refusal[]
  readonly reasons: Map<RecordReason, number>
  readonly openLots: Map<number, LotState>
  fees: number
  slippage: number
  realised: number
  cash: number
}

/**
 * Explains a run out of its records: fills with their reasons, closed and open lots, orders and refusals. Linear in the
 * records but for one binary search a fill.
 * @throws PlatformError invariant if a record does not fit the candles or the lots before it
 */
export function explainRun(input: ExplainInput): Explanation {
  const walk: Walk = {
    input,
    fills: [],
    trades: [],
    orders: [],
    byOrder: new Map(),
    refusals: [],
    reasons: new Map(),
    openLots: new Map(),
    fees: 0,
    slippage: 0,
    realised: 0,
    cash: input.config.initialCash,
  }
  for (const record of input.records) {
    walk.cash = record.cash
    if (record.kind === 'fill') addFill(walk, record)
    else if (record.kind === 'refuse') addRefusal(walk, record)
    else if (record.kind === 'cancel') endOrder(walk, record, 'cancelled')
    else addOrder(walk, record, record.kind === 'admit' ? 'entry' : 'close')
  }
  return {
    fills: walk.fills,
    trades: walk.trades,
    lots: [...walk.openLots.values()].map((lot) => openLot(walk, lot)),
    orders: walk.orders,
    refusals: walk.refusals,
    totals: { fees: walk.fees, slippage: walk.slippage, realised: walk.realised },
    refusalsByReason: [...walk.reasons]
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
    finalCash: walk.cash,
  }
}

function addOrder(walk: Walk, record: EngineRecord, kind: Order['kind']): Order {
  const order: Order = {
    order: record.order,
    kind,
    decision: record.decision,
    symbol: symbolOf(walk, record),
    side: record.side,
    type: record.orderType,
    time: record.time,
    quantity: record.quantity,
    price: record.orderType === 'none' || record.orderType === 'market' ? null : record.gross,
    limit: record.kind === 'admit' && record.orderType === 'stop_limit' ? record.price : null,
    reserved: record.needed,
    state: 'working',
    reason: 'none',
    endTime: null,
    filled: 0,
  }
  walk.orders.push(order)
  walk.byOrder.set(record.order, order)
  return order
}

function endOrder(walk: Walk, record: EngineRecord, state: Order['state']): void {
  const order = walk.byOrder.get(record.order)
  if (order === undefined) return
  order.state = state
  order.reason = record.reason
  order.endTime = record.time
}

function addRefusal(walk: Walk, record: EngineRecord): void {
  endOrder(walk, record, 'refused')
  walk.reasons.set(record.reason, (walk.reasons.get(record.reason) ?? 0) + 1)
  walk.refusals.push({
    time: record.time,
    symbol: symbolOf(walk, record),
    side: record.side,
    step: record.step,
    decision: record.decision,
    order: record.order,
    reason: record.reason,
    quantity: record.quantity,
    needed: record.needed,
    available: record.available,
  })
}

function addFill(walk: Walk, record: EngineRecord): void {
  const why = whyOf(walk.input, record)
  const fill: Fill = {
    id: walk.fills.length + 1,
    order: record.order,
    lot: record.lot,
    decision: record.decision,
    symbol: symbolOf(walk, record),
    side: record.side,
    type: record.orderType,
    reason: record.reason,
    time: record.time,
    quantity: record.quantity,
    price: record.price,
    fee: record.fee,
    slippage: why.slippage * record.quantity,
    realised: record.realised,
    why,
  }
  walk.fills.push(fill)
  walk.fees += fill.fee
  walk.slippage += fill.slippage
  walk.realised += fill.realised
  fillOrder(walk, record)
  if (fill.reason === 'entry') enterLot(walk, record, fill)
  else exitLot(walk, record, fill)
}

/** Bracket and end-of-data exits have no order record before their fill. */
function fillOrder(walk: Walk, record: EngineRecord): void {
  if (record.order === 0) return
  const order =
    walk.byOrder.get(record.order) ??
    addOrder(walk, record, record.reason === 'end_of_data' ? 'end_of_data' : 'bracket')
  order.filled += record.quantity
  endOrder(walk, record, 'filled')
}

function enterLot(walk: Walk, record: EngineRecord, fill: Fill): void {
  const lot = walk.openLots.get(record.lot)
  if (lot === undefined) {
    walk.openLots.set(record.lot, {
      lot: record.lot,
      symbol: record.symbol,
      decision: record.decision,
      entryFill: fill.id,
      entryTime: fill.time,
      entryPrice: fill.price,
      bought: fill.quantity,
      sold: 0,
      fees: fill.fee,
      slippage: fill.slippage,
      realised: 0,
      exits: [],
    })
    return
  }
  const bought = lot.bought + fill.quantity
  lot.entryPrice = (lot.entryPrice * lot.bought + fill.price * fill.quantity) / bought
  lot.bought = bought
  lot.fees += fill.fee
  lot.slippage += fill.slippage
}

function exitLot(walk: Walk, record: EngineRecord, fill: Fill): void {
  const lot = walk.openLots.get(record.lot)
  if (lot === undefined) {
    throw new PlatformError(
      'invariant',
      `Cannot explain fill ${fill.id}: lot ${record.lot} is not open, expected it open`,
    )
  }
  lot.sold += fill.quantity
  lot.fees += fill.fee
  lot.slippage += fill.slippage
  lot.realised += fill.realised
  lot.exits.push({
    fill: fill.id,
    time: fill.time,
    price: fill.price,
    quantity: fill.quantity,
    fee: fill.fee,
    realised: fill.realised,
    reason: fill.reason,
  })
  if (lot.bought - lot.sold > REMAINDER * lot.bought) return
  walk.openLots.delete(record.lot)
  walk.trades.push(closedLot(lot, fill.symbol))
}

function closedLot(lot: LotState, symbol: string): Trade {
  let proceeds = 0
  for (const exit of lot.exits) proceeds += exit.price * exit.quantity
  const netPnl = lot.realised - lot.fees
  return {
    lot: lot.lot,
    symbol,
    direction: 'long',
    decision: lot.decision,
    quantity: lot.bought,
    entryFill: lot.entryFill,
    entryTime: lot.entryTime,
    entryPrice: lot.entryPrice,
    exitTime: lot.exits.at(-1)!.time,
    exitPrice: proceeds / lot.sold,
    grossPnl: lot.realised,
    fees: lot.fees,
    slippage: lot.slippage,
    netPnl,
    returnOnEntry: netPnl / (lot.bought * lot.entryPrice),
    exits: lot.exits,
  }
}

function openLot(walk: Walk, lot: LotState): OpenLot {
  const { config, series, window } = walk.input
  const candles = series[lot.symbol]!
  const row = lowerBound(candles.time, candles.rows, window.end) - 1
  const mark = candles.close[row]!
  const quantity = lot.bought - lot.sold
  return {
    lot: lot.lot,
    symbol: config.symbols[lot.symbol]!,
    decision: lot.decision,
    quantity,
    entryTime: lot.entryTime,
    entryPrice: lot.entryPrice,
    mark,
    markTime: slotOpen(config.interval, slotOf(config.interval, candles.time[row]!) + 1),
    unrealised: quantity * (mark - lot.entryPrice),
    realised: lot.realised,
    fees: lot.fees,
  }
}

function symbolOf(walk: Walk, record: EngineRecord): string {
  return walk.input.config.symbols[record.symbol]!
}
