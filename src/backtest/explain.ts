import { PlatformError } from '../errors.ts'
import { REMAINDER } from '../execution/participation.ts'
import { whyOf } from './explain-fill.ts'
import { closedLot, type LotState, openLot } from './explain-lots.ts'
import { fundingOf, liquidationOf } from './explain-perp.ts'
import { countRefusals } from './explain-refusals.ts'
import type {
  ExplainedTotals,
  ExplainInput,
  Explanation,
  Fill,
  FundingPayment,
  Liquidation,
  Order,
  Refusal,
  Trade,
} from './explanation.ts'
import type { EngineRecord } from './records.ts'

/**
 * Theory of operation. The record stream is walked once. Each fill is joined with the bar it was priced in (binary search
 * in its symbol's column), each lot collects its fills by id, each order its end. Nothing is decided or priced here: all
 * figures are the records' own, so an explanation can never disagree with the result it explains. A lot is closed (F10) and
 * becomes a trade when nothing is left of it but what the sums of its fills are off by rounding, without a step at most
 * 1e-12 of it too; the others are listed as open, at the last close.
 */

/** Share of a sum that each number in it may put it off by. */
const ROUNDING = Number.EPSILON

interface Walk {
  readonly input: ExplainInput
  readonly fills: Fill[]
  readonly trades: Trade[]
  readonly orders: Order[]
  readonly byOrder: Map<number, Order>
  readonly refusals: Refusal[]
  readonly openLots: Map<number, LotState>
  readonly funding: FundingPayment[]
  readonly liquidations: Liquidation[]
  fees: number
  slippage: number
  realised: number
  fundingSum: number
  writtenOff: number
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
    openLots: new Map(),
    funding: [],
    liquidations: [],
    fees: 0,
    slippage: 0,
    realised: 0,
    fundingSum: 0,
    writtenOff: 0,
    cash: input.config.initialCash,
  }
  let index = 0
  for (const record of input.records) {
    walk.cash = record.cash
    if (record.kind === 'fill') addFill(walk, record)
    else if (record.kind === 'refuse') addRefusal(walk, record, input.refusalTexts?.get(index) ?? null)
    else if (record.kind === 'cancel') endOrder(walk, record, 'cancelled')
    else if (record.kind === 'funding') addFunding(walk, record)
    else if (record.kind === 'liquidate') walk.liquidations.push(liquidationOf(record, symbolOf(walk, record)))
    else if (record.kind === 'write_off') walk.writtenOff += record.realised
    else addOrder(walk, record, record.kind === 'admit' ? 'entry' : 'close')
    index += 1
  }
  return {
    fills: walk.fills,
    trades: walk.trades,
    lots: [...walk.openLots.values()].map((lot) => openLot(input, lot)),
    orders: walk.orders,
    refusals: walk.refusals,
    funding: walk.funding,
    liquidations: walk.liquidations,
    totals: totalsOf(walk),
    refusalsByReason: countRefusals(walk.refusals),
    finalCash: walk.cash,
  }
}

function totalsOf(walk: Walk): ExplainedTotals {
  const { fees, slippage, realised, fundingSum, writtenOff } = walk
  return { fees, slippage, realised, funding: fundingSum, writtenOff }
}

function addFunding(walk: Walk, record: EngineRecord): void {
  walk.funding.push(fundingOf(record, symbolOf(walk, record)))
  walk.fundingSum += record.realised
  const lot = walk.openLots.get(record.lot)
  if (lot !== undefined) lot.funding += record.realised
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

function addRefusal(walk: Walk, record: EngineRecord, detail: string | null): void {
  endOrder(walk, record, 'refused')
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
    detail,
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
      direction: fill.side === 'buy' ? 'long' : 'short',
      entryPrice: fill.price,
      average: fill.price,
      bought: fill.quantity,
      sold: 0,
      fills: 1,
      fees: fill.fee,
      funding: 0,
      slippage: fill.slippage,
      realised: 0,
      exits: [],
    })
    return
  }
  const bought = lot.bought + fill.quantity
  lot.entryPrice = (lot.entryPrice * lot.bought + fill.price * fill.quantity) / bought
  const held = lot.bought - lot.sold
  lot.average = (lot.average * held + fill.price * fill.quantity) / (held + fill.quantity)
  lot.bought = bought
  lot.fills += 1
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
  lot.fills += 1
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
  if (lot.bought - lot.sold > remainderOf(walk, lot) * lot.bought) return
  walk.openLots.delete(record.lot)
  walk.trades.push(closedLot(lot, fill.symbol))
}

/** Share of a lot that is nothing. */
function remainderOf({ input }: Walk, { symbol, fills }: LotState): number {
  const rounding = fills * ROUNDING
  return input.hasSteps?.[symbol] === true ? rounding : Math.max(REMAINDER, rounding)
}

function symbolOf(walk: Walk, record: EngineRecord): string {
  return walk.input.config.symbols[record.symbol]!
}
