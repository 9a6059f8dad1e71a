import type {
  Book,
  Decided,
  Lot,
  ReferenceInput,
  ReferenceRecord,
  WorkingEntry,
  Run,
} from './reference-engine-types.ts'
import { feeOf } from './reference-engine-prices.ts'
import {
  bankruptcyPrice,
  insuredPrice,
  isIsolated,
  positionOf,
  realisedOf,
  type Whole,
} from './reference-engine-perp.ts'
import { knobsOf, note, opens, quantityOf, sideOf, toTick } from './reference-engine-rules.ts'

export type Where = Pick<ReferenceRecord, 'rule' | 'liquidity' | 'path' | 'step' | 'time' | 'gross' | 'price'>

/** Bracket of the lot that an entry opens at the gross price `gross`: absolute prices, else percent of it. */
export function bracketOf(
  input: ReferenceInput,
  entry: WorkingEntry,
  gross: number,
): { tp: number | null; sl: number | null; trails: boolean } {
  const knobs = knobsOf(input, entry.symbol)
  const { tpPct, slPct } = entry.decided.row
  const isLong = opens(entry.decided) === 'long'
  const away = (percent: number, above: boolean): number =>
    above ? toTick(knobs, gross * (1 + percent / 100), 'up') : toTick(knobs, gross * (1 - percent / 100), 'down')
  const tp = tpPct === undefined ? entry.tp : away(tpPct, isLong)
  const sl = slPct === undefined ? entry.sl : away(slPct, !isLong)
  const trail = trailLevel(input, entry.decided, gross)
  if (trail === null) return { tp, sl, trails: false }
  if (sl !== null && (isLong ? sl >= trail : sl <= trail)) return { tp, sl, trails: false }
  return { tp, sl: trail, trails: true }
}

/** F5: the trailing stop at its distance from an extreme, on the tick. */
export function trailLevel(input: ReferenceInput, decided: Decided, extreme: number): number | null {
  const { row } = decided
  const knobs = knobsOf(input, row.symbol)
  if (row.trailPct === undefined && row.trailDistance === undefined) return null
  if (opens(decided) === 'long') {
    const level = row.trailPct === undefined ? extreme - row.trailDistance! : extreme * (1 - row.trailPct / 100)
    return toTick(knobs, level, 'down')
  }
  const level = row.trailPct === undefined ? extreme + row.trailDistance! : extreme * (1 + row.trailPct / 100)
  return toTick(knobs, level, 'up')
}

/** A working entry fills whole: cash, or margin, is paid, the lot is born with its bracket. */
export function fillEntry(input: ReferenceInput, book: Book, entry: WorkingEntry, where: Where): void {
  const knobs = knobsOf(input, entry.symbol)
  const quantity = quantityOf(knobs, entry.units)
  const notional = quantity * where.price
  const fee = feeOf(input, book, {
    side: sideOf(entry.decided),
    quantity,
    price: where.price,
    liquidity: where.liquidity === 'maker' ? 'maker' : 'taker',
  })
  const { tp, sl, trails } = bracketOf(input, entry, where.gross)
  const lot: Lot = {
    id: book.nextLot++,
    decided: entry.decided,
    symbol: entry.symbol,
    side: opens(entry.decided),
    opened: where.time,
    units: entry.units,
    largest: quantity,
    entry: where.price,
    tp,
    sl,
    extreme: trailLevel(input, entry.decided, where.gross) === null ? null : where.gross,
    trails,
    born: where.time,
    atOpen: where.path === 'none',
    cost: notional,
    net: 0 - fee,
  }
  book.entries = book.entries.filter((other) => other !== entry)
  const isFirst = !book.lots.some((other) => other.symbol === entry.symbol)
  if (isFirst) book.freshMarks.set(entry.symbol, where.gross)
  book.lots.push(lot)
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
  let fee = feeOf(input, book, {
    side,
    quantity,
    price: where.price,
    liquidity: where.liquidity === 'maker' ? 'maker' : 'taker',
  })
  if (sale.clearance !== undefined && sale.clearance !== 0) fee = fee + sale.clearance * notional
  if (sale.isFree) fee = 0
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
}

type CancelFields = { reason: string; step: number; time: number; decision: number }

/** A working entry ends without a fill. */
export function cancelEntry(run: Pick<Run, 'book' | 'input'>, id: number, fields: CancelFields): void {
  const { book, input } = run
  cancelIn(
    input,
    book,
    book.entries.find((e) => e.id === id)!,
    fields,
  )
}

export function cancelIn(input: ReferenceInput, book: Book, entry: WorkingEntry, fields: CancelFields): void {
  book.entries = book.entries.filter((other) => other !== entry)
  note(book, {
    reason: fields.reason,
    step: fields.step,
    time: fields.time,
    decision: fields.decision,
    kind: 'cancel',
    side: sideOf(entry.decided),
    orderType: entry.type,
    symbol: entry.symbol,
    order: entry.id,
    quantity: quantityOf(knobsOf(input, entry.symbol), entry.units),
  })
}
