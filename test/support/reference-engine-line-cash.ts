import { cancelIn } from './reference-engine-cancel.ts'
import { fillEntry, type Where } from './reference-engine-fills.ts'
import { freeCash } from './reference-engine-perp.ts'
import { cashNeed, shrinkUnits, userRate } from './reference-engine-prices.ts'
import { knobsOf, note, quantityOf, sideOf } from './reference-engine-rules.ts'
import type { Book, ReferenceInput, Run, WorkingEntry } from './reference-engine-types.ts'

/** Step 7 without reserves: what entries on the paths may spend together. */
export function notePathCash(run: Run, k: number): void {
  run.book.pathCash = freeCash(run, null, k)
}

/** An entry fills where the line meets it; without a reserve only what can be paid now. */
export function enterOnLine(
  input: ReferenceInput,
  book: Book,
  entry: WorkingEntry,
  { units, ...where }: Where & { units: number },
): void {
  const knobs = knobsOf(input, entry.symbol)
  const liquidity = where.liquidity === 'maker' ? 'maker' : 'taker'
  const { price } = where
  let met = units
  if (input.config.execution.cashCheck !== 'admit') {
    const order = { symbol: entry.symbol, side: sideOf(entry.decided), quantity: quantityOf(knobs, entry.units) }
    const rate = userRate(input, { ...order, price, liquidity, mayRest: true })
    const needed = cashNeed(input, book, { quantity: order.quantity, price, liquidity, rate })
    const available = book.pathCash
    if (needed > available) {
      const asked = { knobs, free: available, price, liquidity, rate, isRest: entry.lot !== null } as const
      const left = input.config.execution.onShortfall === 'shrink' ? shrinkUnits(input, book, asked) : 0
      if (left === 0) return endUnpaid(input, book, entry, { needed, available, time: where.time })
      input.onBranch?.('shrunk on the path')
      entry.units = left
      met = Math.min(met, left)
    }
    book.pathCash = book.pathCash - cashNeed(input, book, { quantity: quantityOf(knobs, met), price, liquidity, rate })
  }
  fillEntry(input, book, entry, { ...where, units: met })
}

function endUnpaid(
  input: ReferenceInput,
  book: Book,
  entry: WorkingEntry,
  { needed, available, time }: { needed: number; available: number; time: number },
): void {
  const fields = { reason: 'insufficient_cash', step: 7, time, decision: entry.decided.number }
  input.onBranch?.(entry.lot === null ? 'refused on the path' : 'rest unpaid on the path')
  if (entry.lot !== null) return cancelIn(input, book, entry, fields)
  book.entries = book.entries.filter((other) => other !== entry)
  note(book, {
    ...fields,
    kind: 'refuse',
    side: sideOf(entry.decided),
    orderType: entry.type,
    symbol: entry.symbol,
    order: entry.id,
    quantity: quantityOf(knobsOf(input, entry.symbol), entry.units),
    needed,
    available,
  })
}
