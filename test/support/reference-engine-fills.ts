import { cancelIn } from './reference-engine-cancel.ts'
import type { Book, Lot, ReferenceInput, ReferenceRecord, WorkingEntry } from './reference-engine-types.ts'
import { bracketOf, trailLevel } from './reference-engine-stops.ts'
import { endLegs, lotOf } from './reference-engine-legs.ts'
import { noteUsed } from './reference-engine-cap.ts'
import { endExits } from './reference-engine-ends.ts'
import { cashNeed, feeOf, fullNeed, shrinkUnits, userRate } from './reference-engine-prices.ts'
import {
  bankruptcyPrice,
  freeCashAt,
  insuredPrice,
  isIsolated,
  positionOf,
  realisedOf,
  type Whole,
} from './reference-engine-perp.ts'
import { knobsOf, note, opens, quantityOf, sideOf } from './reference-engine-rules.ts'

export type Where = Pick<ReferenceRecord, 'rule' | 'liquidity' | 'path' | 'step' | 'time' | 'gross' | 'price'>

/** `units` of a working entry fill: cash, or margin, is paid, the lot is born with its bracket or grows. */
export function fillEntry(
  input: ReferenceInput,
  book: Book,
  entry: WorkingEntry,
  { units, paid, ...where }: Where & { units: number; paid?: number | undefined },
): void {
  const knobs = knobsOf(input, entry.symbol)
  const quantity = quantityOf(knobs, units)
  const notional = quantity * where.price
  const fee = paid ?? feeOfEntry(input, book, entry, { ...where, quantity })
  const isFirst = !book.lots.some((other) => other.symbol === entry.symbol)
  if (isFirst) book.freshMarks.set(entry.symbol, where.gross)
  const known = lotOf(book, entry)
  if (known !== undefined && entry.lot === null) input.onBranch?.('leg into the lot of another')
  const lot = known ?? newLot(input, book, entry, where)
  const held = quantityOf(knobs, lot.units)
  lot.entry = held === 0 ? where.price : (held * lot.entry + quantity * where.price) / (held + quantity)
  lot.units = lot.units + units
  lot.largest = Math.max(lot.largest, lot.units)
  lot.cost = lot.cost + notional
  lot.net = lot.net - fee
  noteUsed(book, entry.symbol, { time: where.time, units })
  const isWhole = input.config.execution.participation === null && entry.decided.row.executor === undefined
  let rest = isWhole ? 0 : entry.units - units
  if (knobs.step === null && rest <= 1e-12 * entry.asked) rest = 0
  entry.units = rest
  entry.lot = lot.id
  if (rest === 0) book.entries = book.entries.filter((other) => other !== entry)
  payEntry(input, book, { symbol: entry.symbol, notional, fee })
  book.traded = book.traded + notional
  note(book, {
    ...where,
    kind: 'fill',
    reason: 'entry',
    side: sideOf(entry.decided),
    orderType: entry.type,
    symbol: entry.symbol,
    order: entry.id,
    lot: lot.id,
    decision: entry.decided.number,
    quantity,
    fee,
  })
  if (rest > 0) keepRest(input, book, entry, where)
}

/** Fee of `quantity` of an entry. */
export function feeOfEntry(
  input: ReferenceInput,
  book: Book,
  entry: WorkingEntry,
  { quantity, price, liquidity }: Pick<Where, 'price' | 'liquidity'> & { quantity: number },
): number {
  return feeOf(input, book, {
    symbol: entry.symbol,
    side: sideOf(entry.decided),
    kind: 'entry',
    quantity,
    price,
    liquidity: liquidity === 'maker' ? 'maker' : 'taker',
  })
}

/** A lot with nothing in it yet. */
function newLot(input: ReferenceInput, book: Book, entry: WorkingEntry, where: Where): Lot {
  const { tp, sl, trails } = bracketOf(input, entry, where.gross)
  const lot: Lot = {
    id: book.nextLot++,
    decided: entry.decided,
    symbol: entry.symbol,
    side: opens(entry.decided),
    opened: where.time,
    units: 0,
    largest: 0,
    entry: 0,
    tp,
    sl,
    stopped: false,
    extreme: trailLevel(input, entry.decided, where.gross) === null ? null : where.gross,
    trails,
    gross: where.gross,
    entryType: entry.type,
    born: where.time,
    atOpen: where.path === 'none' && entry.decided.row.executor === undefined,
    cost: 0,
    net: 0,
  }
  book.lots.push(lot)
  return lot
}

/** F9: what a fill has left of its order is cancelled (ioc), or reserved anew and works on. */
function keepRest(input: ReferenceInput, book: Book, entry: WorkingEntry, where: Where): void {
  const fields = { step: where.step, time: where.time, decision: entry.decided.number }
  const { timeInForce } = entry.decided.row
  if (timeInForce === 'ioc' || timeInForce === 'fok') {
    input.onBranch?.('rest of an ioc')
    return cancelIn(input, book, entry, { ...fields, reason: 'unfilled' })
  }
  const isLimit = entry.type === 'limit' || entry.type === 'stop_limit'
  const price = isLimit ? (entry.limit ?? entry.level) : where.price
  const liquidity = isLimit ? 'either' : 'taker'
  const knobs = knobsOf(input, entry.symbol)
  const left = { price, liquidity, quantity: quantityOf(knobs, entry.units) } as const
  const mayRest = entry.type !== 'market'
  const rate = userRate(input, { ...left, symbol: entry.symbol, side: sideOf(entry.decided), mayRest })
  const need = (): number => cashNeed(input, book, { quantity: quantityOf(knobs, entry.units), price, liquidity, rate })
  const reserves = input.config.execution.cashCheck === 'admit'
  const free = reserves ? freeCashAt(input, book, entry, where.time) : Infinity
  if (need() > free) {
    entry.units = shrinkUnits(input, book, { knobs, free, price, liquidity, rate, isRest: true })
    input.onBranch?.('rest shrunk')
    if (entry.units === 0) return cancelIn(input, book, entry, { ...fields, reason: 'insufficient_cash' })
  }
  entry.reserve = reserves ? need() : 0
  entry.exposure = fullNeed(input, book, { quantity: quantityOf(knobs, entry.units), price, liquidity, rate })
  goOn(entry, where.time)
}

/** What has triggered, or is a market order, waits for the next open; a stop_limit rests from the next bar on. */
export function goOn(entry: WorkingEntry, time: number): void {
  if (entry.type === 'market' || entry.type === 'stop') entry.takes = true
  if (entry.type === 'stop_limit' && entry.triggered === null) entry.triggered = time
}

/** F9: the stop of a lot has triggered, its bar had no room for all of it. */
export function stopLot(input: ReferenceInput, book: Book, lot: Lot, where: { step: number; time: number }): void {
  endLegs(input, book, lot, { ...where, decision: lot.decided.number })
  input.onBranch?.('stop without room')
  lot.stopped = true
  lot.tp = null
  lot.extreme = null
}

function payEntry(input: ReferenceInput, book: Book, entry: { symbol: number; notional: number; fee: number }): void {
  const { symbol, notional, fee } = entry
  book.gain = book.gain - fee
  const perpetual = input.config.perpetual
  if (perpetual === undefined) book.cash = book.cash - (notional + fee)
  else if (perpetual.marginMode === 'cross') book.cash = book.cash - fee
  else {
    const margin = notional / perpetual.leverage
    book.wallets.set(symbol, (book.wallets.get(symbol) ?? 0) + margin)
    book.cash = book.cash - (margin + fee)
  }
}

/** `units` of a lot are closed; a lot with nothing left is gone. `whole`: all lots of an isolated position close at once. */
export function closeLot(
  input: ReferenceInput,
  book: Book,
  sale: {
    lot: Lot
    whole?: Whole | null
    /** Liquidation of the account: clearance fee rate on top of the fee. */
    clearance?: number
    /** No fee and no insurance: the end of a bankrupt account. */
    isFree?: boolean
    /** Bankruptcy price before the first fill of the same order. */
    bankruptcy?: number | undefined
    units: number
    reason: string
    orderType: ReferenceRecord['orderType']
    order: number
    decision: number
    where: Where
  },
): void {
  const { lot, units } = sale
  const { step, time, rule } = sale.where
  if (rule !== 'T6' && (sale.order === 0 || units === lot.units)) {
    endLegs(input, book, lot, { step, time, decision: sale.decision })
  }
  if (!['T6', 'L4', 'M'].includes(rule)) noteUsed(book, lot.symbol, { time, units })
  const quantity = quantityOf(knobsOf(input, lot.symbol), units)
  const before = positionOf(input, book, lot.symbol)!
  const side = lot.side === 'long' ? 'sell' : 'buy'
  let insured = 0
  let where = sale.where
  if (isIsolated(input) && !sale.isFree) {
    const bankruptcy =
      sale.bankruptcy ?? sale.whole?.bankruptcy ?? bankruptcyPrice(before, book.wallets.get(lot.symbol)!)
    const priced = insuredPrice(lot.side, where.price, bankruptcy)
    if (priced.insured !== 0) input.onBranch?.('insured exit')
    insured = priced.insured
    where = { ...where, price: priced.price }
  }
  const notional = quantity * where.price
  const liquidity = where.liquidity === 'maker' ? 'maker' : 'taker'
  const charged = { symbol: lot.symbol, side, kind: 'exit', quantity, price: where.price, liquidity } as const
  let fee = sale.isFree ? 0 : feeOf(input, book, charged)
  if (sale.clearance !== undefined && sale.clearance !== 0) fee = fee + sale.clearance * notional
  lot.units = lot.units - units
  const realised = realisedOf(lot, quantity, where.price)
  lot.net = lot.net + (realised - fee)
  if (lot.units === 0) {
    book.lots = book.lots.filter((other) => other !== lot)
    book.trades.push(lot.net / lot.cost)
  }
  book.gain = book.gain + (realised - fee)
  const perpetual = input.config.perpetual
  if (perpetual === undefined) book.cash = book.cash + (notional - fee)
  else if (perpetual.marginMode === 'cross') book.cash = book.cash + (realised - fee)
  else {
    const wallet = book.wallets.get(lot.symbol)!
    const isLast = !book.lots.some((other) => other.symbol === lot.symbol)
    const start = sale.whole ?? { wallet, quantity: before.quantity }
    const margin = isLast ? wallet : start.wallet * (quantity / start.quantity)
    book.wallets.set(lot.symbol, isLast ? 0 : wallet - margin)
    book.cash = book.cash + (margin + realised - fee)
  }
  book.traded = book.traded + notional
  note(book, {
    ...where,
    kind: 'fill',
    reason: sale.reason,
    side,
    orderType: sale.orderType,
    symbol: lot.symbol,
    order: sale.order,
    lot: lot.id,
    decision: sale.decision,
    quantity,
    fee,
    realised,
    available: insured,
  })
  if (rule === 'T6') return
  endExits(input, book, lot.symbol, { reason: 'position_gone', step, time, decision: sale.decision })
}
