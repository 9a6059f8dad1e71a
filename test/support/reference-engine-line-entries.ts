import { partOf } from './reference-engine-cap.ts'
import { cancelIn } from './reference-engine-cancel.ts'
import { goOn } from './reference-engine-fills.ts'
import { enterOnLine } from './reference-engine-line-cash.ts'
import { filledAt, viewOnLine, type FoundFill } from './reference-engine-user-fill.ts'
import { takerPrice } from './reference-engine-prices.ts'
import type { Walk } from './reference-engine-path.ts'
import { knobsOf, quantityOf, sideOf } from './reference-engine-rules.ts'
import { restingLevel } from './reference-engine-stops.ts'
import type { Book, ReferenceInput, WorkingEntry } from './reference-engine-types.ts'

/** F9 and F5: what of an entry fills where the line meets it; 0: nothing, it only triggers. */
function unitsMet(input: ReferenceInput, book: Book, { entry, walk }: { entry: WorkingEntry; walk: Walk }): number {
  const units = partOf(input, book, { symbol: entry.symbol, bar: walk.bar, units: entry.units, whole: entry.asked })
  return entry.decided.row.timeInForce === 'fok' && units < entry.units ? 0 : units
}

/** What triggers without a fill: cancelled, or it goes on. */
function trigger(input: ReferenceInput, book: Book, { entry, walk }: { entry: WorkingEntry; walk: Walk }): void {
  const { timeInForce } = entry.decided.row
  goOn(entry, walk.time)
  if (timeInForce !== 'ioc' && timeInForce !== 'fok') return
  input.onBranch?.(`${entry.type} unfilled on the path`)
  const fields = { reason: 'unfilled', step: 7, time: walk.time, decision: entry.decided.number }
  cancelIn(input, book, entry, fields)
}

/** What code of the user makes of the price of an entry. */
function ownPrice(
  input: ReferenceInput,
  book: Book,
  fill: { entry: WorkingEntry; walk: Walk } & Pick<FoundFill, 'quantity' | 'gross' | 'price' | 'liquidity'>,
): number {
  const { entry, walk, ...priced } = fill
  const { symbol, type } = entry
  const limit = type === 'limit' ? entry.level : entry.limit
  const met = { symbol, side: sideOf(entry.decided), kind: 'entry', type, limit, bar: walk.bar } as const
  return filledAt(input, { ...met, ...priced, view: viewOnLine(book) })
}

export function stopEntry(
  input: ReferenceInput,
  book: Book,
  { entry, walk }: { entry: WorkingEntry; walk: Walk },
): void {
  const { level, symbol } = entry
  const units = unitsMet(input, book, { entry, walk })
  if (units === 0) return trigger(input, book, { entry, walk })
  const quantity = quantityOf(knobsOf(input, symbol), units)
  const slipped = takerPrice(input, { symbol, side: sideOf(entry.decided), gross: level, quantity, bar: walk.bar })
  const price = ownPrice(input, book, { entry, walk, quantity, gross: level, price: slipped, liquidity: 'taker' })
  const where = {
    units,
    rule: 'F3',
    liquidity: 'taker',
    path: walk.line,
    step: 7,
    time: walk.time,
    gross: level,
    price,
  } as const
  enterOnLine(input, book, entry, where)
}

/** F4 on the line: a fill at the stop if the limit allows it, else the order is a limit from the next bar on. */
export function stopLimitEntry(
  input: ReferenceInput,
  book: Book,
  { entry, walk }: { entry: WorkingEntry; walk: Walk },
): void {
  const { level, symbol, limit } = entry
  const side = sideOf(entry.decided)
  const isBeyond = side === 'buy' ? level > limit! : level < limit!
  if (isBeyond) input.onBranch?.('stop_limit rests after the path')
  const units = isBeyond ? 0 : unitsMet(input, book, { entry, walk })
  if (units === 0) return trigger(input, book, { entry, walk })
  const quantity = quantityOf(knobsOf(input, symbol), units)
  const slipped = takerPrice(input, { symbol, side, gross: level, quantity, bar: walk.bar, limit: limit! })
  const price = ownPrice(input, book, { entry, walk, quantity, gross: level, price: slipped, liquidity: 'taker' })
  const where = {
    units,
    rule: 'F4',
    liquidity: 'taker',
    path: walk.line,
    step: 7,
    time: walk.time,
    gross: level,
    price,
  } as const
  enterOnLine(input, book, entry, where)
}

export function limitEntry(
  input: ReferenceInput,
  book: Book,
  { entry, walk }: { entry: WorkingEntry; walk: Walk },
): void {
  const gross = restingLevel(entry)
  const units = unitsMet(input, book, { entry, walk })
  const quantity = quantityOf(knobsOf(input, entry.symbol), units)
  const price = ownPrice(input, book, { entry, walk, quantity, gross, price: gross, liquidity: 'maker' })
  const where = {
    units,
    rule: 'F2',
    liquidity: 'maker',
    path: walk.line,
    step: 7,
    time: walk.time,
    gross,
    price,
  } as const
  enterOnLine(input, book, entry, where)
}
