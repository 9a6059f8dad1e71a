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
import { knobsOf, note, quantityOf, toTick } from './reference-engine-rules.ts'

export type Where = Pick<ReferenceRecord, 'rule' | 'liquidity' | 'path' | 'step' | 'time' | 'gross' | 'price'>

/** Bracket of the lot that an entry opens at the gross price `gross`: absolute prices, else percent of it. */
export function bracketOf(
  input: ReferenceInput,
  entry: WorkingEntry,
  gross: number,
): { tp: number | null; sl: number | null; trails: boolean } {
  const knobs = knobsOf(input, entry.symbol)
  const { tpPct, slPct } = entry.decided.row
  const tp = tpPct === undefined ? entry.tp : toTick(knobs, gross * (1 + tpPct / 100), 'up')
  const sl = slPct === undefined ? entry.sl : toTick(knobs, gross * (1 - slPct / 100), 'down')
  const trail = trailLevel(input, entry.decided, gross)
  if (trail === null || (sl !== null && sl >= trail)) return { tp, sl, trails: false }
  return { tp, sl: trail, trails: true }
}

/** F5: the trailing stop under an extreme, on the tick. */
export function trailLevel(input: ReferenceInput, { row }: Decided, extreme: number): number | null {
  const knobs = knobsOf(input, row.symbol)
  if (row.trailPct !== undefined) return toTick(knobs, extreme * (1 - row.trailPct / 100), 'down')
  return row.trailDistance === undefined ? null : toTick(knobs, extreme - row.trailDistance, 'down')
}

/** A working entry fills whole: cash is paid, the lot is born with its bracket. */
export function fillEntry(input: ReferenceInput, book: Book, entry: WorkingEntry, where: Where): void {
  const knobs = knobsOf(input, entry.symbol)
  const quantity = quantityOf(knobs, entry.units)
  const notional = quantity * where.price
  const fee = feeOf(input, book, {
    side: 'buy',
    quantity,
    price: where.price,
    liquidity: where.liquidity === 'maker' ? 'maker' : 'taker',
  })
  const { tp, sl, trails } = bracketOf(input, entry, where.gross)
  const lot: Lot = {
    id: book.nextLot++,
    decided: entry.decided,
    symbol: entry.symbol,
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
  book.lots.push(lot)
  book.cash = book.cash - (notional + fee)
  book.traded = book.traded + notional
  note(book, {
    ...where,
    kind: 'fill',
    reason: 'entry',
    side: 'buy',
    orderType: entry.type,
    symbol: entry.symbol,
    order: entry.id,
    lot: lot.id,
    decision: entry.decided.number,
    quantity,
    fee,
  })
}

/** `units` of a lot are sold; a lot with nothing left is gone. */
export function sellLot(
  input: ReferenceInput,
  book: Book,
  sale: {
    lot: Lot
    units: number
    reason: string
    orderType: ReferenceRecord['orderType']
    order: number
    decision: number
    where: Where
  },
): void {
  const { lot, units, where } = sale
  const quantity = quantityOf(knobsOf(input, lot.symbol), units)
  const notional = quantity * where.price
  const fee = feeOf(input, book, {
    side: 'sell',
    quantity,
    price: where.price,
    liquidity: where.liquidity === 'maker' ? 'maker' : 'taker',
  })
  lot.units = lot.units - units
  const realised = quantity * (where.price - lot.entry)
  lot.net = lot.net + (realised - fee)
  if (lot.units === 0) {
    book.lots = book.lots.filter((other) => other !== lot)
    book.trades.push(lot.net / lot.cost)
  }
  book.cash = book.cash + (notional - fee)
  book.traded = book.traded + notional
  note(book, {
    ...where,
    kind: 'fill',
    reason: sale.reason,
    side: 'sell',
    orderType: sale.orderType,
    symbol: lot.symbol,
    order: sale.order,
    lot: lot.id,
    decision: sale.decision,
    quantity,
    fee,
    realised,
  })
}

type CancelFields = { reason: string; step: number; time: number; decision: number }

/** A working entry ends without a fill. */
export function cancelEntry(run: Run, id: number, fields: CancelFields): void {
  const { book, input } = run
  cancelIn(
    input,
    book,
    book.entries.find((e) => e.id === id)!,
    fields,
  )
}

export function cancelIn(input: ReferenceInput, book: Book, entry: WorkingEntry, fields: CancelFields): void {
  const step = input.instruments[entry.symbol]?.step ?? null
  book.entries = book.entries.filter((other) => other !== entry)
  note(book, {
    reason: fields.reason,
    step: fields.step,
    time: fields.time,
    decision: fields.decision,
    kind: 'cancel',
    orderType: entry.type,
    symbol: entry.symbol,
    order: entry.id,
    quantity: step === null ? entry.units : entry.units * Number(step),
  })
}
